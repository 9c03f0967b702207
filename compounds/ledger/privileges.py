"""On PostgreSQL the ledger is insert-only by privilege, too: who does not own its tables can only add to them.

Tables get their rights by the database's defaults (deploy/postgresql-roles.sql), which know no single table; what they
give too much is taken away after every migrate.
"""

from compounds.ledger.triggers import TABLES

_TOO_MUCH = """
    SELECT DISTINCT c.relname, a.grantee::regrole::text
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)
      AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
      AND a.grantee <> c.relowner AND a.grantee <> 0 AND pg_has_role(c.relowner, 'USAGE')
"""


def withdraw(connection) -> None:
    """Take UPDATE, DELETE and TRUNCATE on the ledger's tables from everybody but their owner."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(_TOO_MUCH, [list(TABLES)])
        for table, role in cursor.fetchall():  # names as PostgreSQL quotes them itself
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
