#!/bin/sh
# Run by the PostgreSQL image when its database is new: the passwords of the two roles.
set -eu
psql --dbname=chaoyang_pm --set=ON_ERROR_STOP=1 --set=owner="$OWNER_PASSWORD" --set=app="$APP_PASSWORD" <<'SQL'
ALTER ROLE chaoyang_pm_owner PASSWORD :'owner';
ALTER ROLE chaoyang_pm_app PASSWORD :'app';
SQL
