"""The audit becomes a chain by months that only grows; people log in, and secrets are changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Hashed is what an outsider's `json.dumps` writes as well: a jsonb array is spelt as Python does.
CHAIN = """
CREATE FUNCTION audit_chain(entries jsonb, moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    number bigint; was timestamptz; chained bytea; entry jsonb; spelt text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE 'the audit is written in transactions that are READ COMMITTED';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('audit', 0));
    SELECT h.audit_id, h.at, h.hash INTO number, was, chained
    FROM audit_head h ORDER BY h.audit_id DESC LIMIT 1;
    -- Numbers and times agree, whatever becomes of the clock.
    moment := greatest(coalesce(moment, clock_timestamp()), was);
    IF date_trunc('month', moment AT TIME ZONE 'Asia/Shanghai')
        > date_trunc('month', was AT TIME ZONE 'Asia/Shanghai') THEN
        PERFORM audit_month(moment);
    END IF;
    spelt := to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    FOR entry IN SELECT jsonb_array_elements(entries) LOOP
        number := number + 1;
        chained := sha256(chained || convert_to(jsonb_build_array(
            number, spelt, entry->'caller', entry->'action', entry->'purpose',
            entry->'record_type', entry->'entity_ids', entry->'fields', entry->'about',
            entry->'origin')::text, 'UTF8'));
        INSERT INTO audit (audit_id, at, caller, action, purpose, record_type, entity_ids,
            fields, about, origin, hash)
        VALUES (number, moment, entry->>'caller', entry->>'action', entry->>'purpose',
            entry->>'record_type',
            ARRAY(SELECT jsonb_array_elements_text(entry->'entity_ids')),
            ARRAY(SELECT jsonb_array_elements_text(entry->'fields')),
            entry->>'about', entry->>'origin', chained);
    END LOOP;
    INSERT INTO audit_head (audit_id, at, hash) VALUES (number, moment, chained);
END $$
"""

# Whoever may call it may add entries to the end, at the time it is, and nothing else.
APPEND = """
CREATE FUNCTION audit_append(entries jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$ SELECT audit_chain(entries, NULL) $$
"""

# Attached, not created as a part: that waits for no reader of the audit.
MONTH = """
CREATE FUNCTION audit_month(moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    first timestamp := date_trunc('month', moment AT TIME ZONE 'Asia/Shanghai');
    name text := 'audit_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass('audit_months.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE audit_months.%I (LIKE audit INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE audit ATTACH PARTITION audit_months.%I FOR VALUES FROM (%L) TO (%L)',
        name, first AT TIME ZONE 'Asia/Shanghai',
        (first + interval '1 month') AT TIME ZONE 'Asia/Shanghai');
    EXECUTE format('CREATE TRIGGER whole BEFORE TRUNCATE ON audit_months.%I '
        'EXECUTE FUNCTION audit_stays()', name);
END $$
"""

STAYS = """
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE 'the audit is only added to'; END $$
"""

GUARDS = """
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER whole BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON audit_root
    FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER whole BEFORE TRUNCATE ON audit_root EXECUTE FUNCTION audit_stays();
REVOKE ALL ON FUNCTION audit_append(jsonb), audit_chain(jsonb, timestamptz),
    audit_month(timestamptz) FROM PUBLIC
"""

BEGIN = """
INSERT INTO audit_head VALUES (0, 'epoch', decode(repeat('00', 32), 'hex'));
SELECT audit_chain(jsonb_build_array(to_jsonb(old)), at)
FROM (SELECT * FROM audit_before ORDER BY at, audit_id) old;
SELECT audit_month(now())
"""

BACK = """
INSERT INTO audit (at, caller, action, purpose, record_type, entity_ids, fields, about, origin)
SELECT at, caller, action, purpose, record_type, entity_ids, fields, about, origin
FROM audit_chained ORDER BY audit_id
"""


def said() -> list[sa.Column]:
    return [
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("record_type", sa.Text(), nullable=True),
        sa.Column("entity_ids", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("fields", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "about",
            sa.Text(),
            nullable=True,
            comment="What it concerns besides entities: a batch, an export, a source.",
        ),
        sa.Column("origin", sa.Text(), nullable=True, comment="The address the call came from."),
    ]


def time(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), **{"nullable": True, **more})


def upgrade() -> None:
    op.rename_table("audit", "audit_before")
    op.execute("ALTER INDEX pk_audit RENAME TO pk_audit_before")
    audit_tables()
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    for function in (CHAIN, APPEND, MONTH, STAYS):
        op.execute(function.replace("{schema}", schema))
    op.execute(GUARDS)
    op.execute(BEGIN)
    op.drop_table("audit_before")
    people_tables()
    op.add_column(
        "client",
        sa.Column(
            "former_hash", sa.Text(), nullable=True, comment="Of the secret before the last change."
        ),
    )
    op.add_column("client", time("former_until", comment="So long the secret before counts too."))


def audit_tables() -> None:
    op.execute("CREATE SCHEMA audit_months")
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        time("at", nullable=False),
        *said(),
        sa.Column(
            "hash",
            sa.LargeBinary(),
            nullable=False,
            comment="Of the entry and of the hash before it.",
        ),
        sa.PrimaryKeyConstraint("at", "audit_id", name=op.f("pk_audit")),
        comment="Who read or wrote what, for which purpose; a chain that only grows.",
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(
        "ix_audit_entity_ids", "audit", ["entity_ids"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "ix_audit_whole",
        "audit",
        ["record_type", "at"],
        unique=False,
        postgresql_where=sa.text("entity_ids = '{}' AND record_type IS NOT NULL"),
    )
    op.create_table(
        "audit_head",
        sa.Column("audit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        time("at", nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit_head")),
        comment="Where the chain ended at times; the last one is where it goes on.",
    )
    op.create_table(
        "audit_root",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "audit_id", sa.BigInteger(), nullable=False, comment="The last entry of the day."
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        time("made_at", nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_root")),
        comment="The hash at the end of each day; it covers all entries up to there.",
    )


def people_tables() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "source", sa.Text(), nullable=True, comment="The department an officer stands for."
        ),
        sa.Column(
            "areas",
            pg.ARRAY(sa.Text()),
            nullable=False,
            comment="Codes of the communities and grids that are theirs.",
        ),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        time("locked_until"),
        time("created_at", nullable=False, server_default=sa.text("now()")),
        time("disabled_at"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        comment="People who log in.",
    )
    op.create_table(
        "login_link",
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        time("expires_at", nullable=False),
        time("used_at"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.account_id"], name=op.f("fk_login_link_account_id_account")
        ),
        sa.PrimaryKeyConstraint("link_hash", name=op.f("pk_login_link")),
        comment="Links by which people set a password, once.",
    )
    op.create_index(op.f("ix_login_link_account_id"), "login_link", ["account_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("session_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        time("begun_at", nullable=False, server_default=sa.text("now()")),
        time("seen_at", nullable=False, server_default=sa.text("now()")),
        time("expires_at", nullable=False),
        time("ended_at"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.account_id"], name=op.f("fk_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_session")),
        comment="Where people are logged in; of the cookie only a hash is kept.",
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_table(
        "revoked_token",
        sa.Column("token_id", sa.Text(), nullable=False),
        time("expires_at", nullable=False),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_revoked_token")),
        comment="Access tokens taken back before their time.",
    )


def downgrade() -> None:
    for table in ("revoked_token", "session", "login_link", "account"):
        op.drop_table(table)
    op.drop_column("client", "former_until")
    op.drop_column("client", "former_hash")
    op.rename_table("audit", "audit_chained")
    op.execute("ALTER INDEX pk_audit RENAME TO pk_audit_chained")
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.BigInteger(), sa.Identity(), nullable=False),
        time("at", nullable=False, server_default=sa.text("now()")),
        *said(),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit")),
        comment="Who read or wrote what, for which purpose.",
    )
    op.execute(BACK)
    op.execute("DROP FUNCTION audit_append, audit_chain, audit_month")
    for table in ("audit_root", "audit_head", "audit_chained"):
        op.drop_table(table)
    op.execute("DROP FUNCTION audit_stays")
    op.execute("DROP SCHEMA audit_months")
