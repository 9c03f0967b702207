-- Two roles for the portal on PostgreSQL: chaoyang_pm_owner owns the tables and migrates, chaoyang_pm_app works with them.
--
-- Run by an administrator in the portal's own database, before the first migration or at any time after; again changes
-- nothing:
--     createdb --encoding=UTF8 --template=template0 chaoyang_pm
--     psql --dbname=chaoyang_pm --single-transaction --set=ON_ERROR_STOP=1 --file=deploy/postgresql-roles.sql
-- Then give both a password:  psql --dbname=chaoyang_pm, \password chaoyang_pm_owner, \password chaoyang_pm_app
--
-- The application may read and add to the ledger, and neither change nor remove anything there, whatever happens to its
-- triggers. Tables that later migrations make get their rights by the defaults below; every migration takes the rights
-- on the ledger's tables away again (compounds/ledger/privileges.py).

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chaoyang_pm_owner') THEN
        CREATE ROLE chaoyang_pm_owner LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chaoyang_pm_app') THEN
        CREATE ROLE chaoyang_pm_app LOGIN;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO chaoyang_pm_owner, chaoyang_pm_app', current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO chaoyang_pm_owner;
GRANT USAGE ON SCHEMA public TO chaoyang_pm_app;

-- What the owner makes from now on.
ALTER DEFAULT PRIVILEGES FOR ROLE chaoyang_pm_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO chaoyang_pm_app;
ALTER DEFAULT PRIVILEGES FOR ROLE chaoyang_pm_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO chaoyang_pm_app;

-- What is there already, of a portal that ran with one role: the owner takes it over.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER TABLE public.%I OWNER TO chaoyang_pm_owner', one.tablename);
    END LOOP;
    -- The functions of the portal's own triggers.
    FOR one IN
        SELECT p.oid::regprocedure AS function FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO chaoyang_pm_owner', one.function);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO chaoyang_pm_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO chaoyang_pm_app;
DO $$
DECLARE
    ledger text;
BEGIN
    FOREACH ledger IN ARRAY ARRAY['compounds_entry', 'compounds_entrypart', 'compounds_posting'] LOOP
        IF to_regclass('public.' || ledger) IS NOT NULL THEN
            EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON public.%I FROM chaoyang_pm_app', ledger);
        END IF;
    END LOOP;
    IF to_regclass('public.django_migrations') IS NOT NULL THEN
        REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM chaoyang_pm_app;
    END IF;
END $$;
