"""What is told of readings is taken over from files, each entry once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Whoever may call it may add entries to the end, as by `audit_append`. Somebody who passes entries
# over leaves an entry that says so; whoever would pass off others for a spool's own has to know its
# name, which the table does not show them.
TAKE_OVER = """
CREATE FUNCTION audit_take_over(whose uuid, first bigint, entries jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
    had bigint; final bigint := first + jsonb_array_length(entries) - 1;
    soon timestamptz := clock_timestamp() - interval '1 second';
BEGIN
    -- As `audit_chain` does: who takes over the same spool meanwhile is waited for.
    PERFORM pg_advisory_xact_lock(hashtextextended('audit', 0));
    SELECT s.taken INTO had FROM audit_spool s WHERE s.spool = whose;
    had := coalesce(had, 0);
    IF final <= had THEN
        RETURN;
    END IF;
    IF first > had + 1 THEN
        PERFORM audit_chain(jsonb_build_array(jsonb_build_object(
            'caller', 'hub audit', 'action', 'spool gap', 'entity_ids', '[]'::jsonb,
            'fields', '[]'::jsonb, 'about', format('entries %s to %s', had + 1, first - 1))), NULL);
    END IF;
    -- Null stands for what was written and then not served.
    IF first <= had OR (entries->0->>'read_at')::timestamptz < soon OR entries @> 'null' THEN
        SELECT jsonb_agg(CASE WHEN (said->>'read_at')::timestamptz >= soon THEN said
            ELSE said || jsonb_build_object(
                'about', concat_ws(', ', said->>'about', 'read at ' || (said->>'read_at'))) END
            ORDER BY place)
        INTO entries FROM jsonb_array_elements(entries) WITH ORDINALITY AS one (said, place)
        WHERE first + place - 1 > had AND said <> 'null';
    END IF;
    IF entries IS NOT NULL THEN
        PERFORM audit_chain(entries, NULL);
    END IF;
    INSERT INTO audit_spool AS s (spool, taken, at) VALUES (whose, final, clock_timestamp())
    ON CONFLICT (spool) DO UPDATE SET taken = excluded.taken, at = excluded.at;
END $$
"""

TAKEN = """
CREATE FUNCTION audit_taken(whose uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp
AS $$ SELECT coalesce(max(taken), 0) FROM audit_spool WHERE spool = whose $$
"""

_FUNCTIONS = "audit_take_over(uuid, bigint, jsonb), audit_taken(uuid)"


def upgrade() -> None:
    op.create_table(
        "audit_spool",
        sa.Column("spool", pg.UUID(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False, comment="The last entry taken over."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("spool", name=op.f("pk_audit_spool")),
        comment="How far the audit has taken over what each process was told of readings.",
    )
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    for function in (TAKE_OVER, TAKEN):
        op.execute(function.replace("{schema}", schema))
    op.execute(f"REVOKE ALL ON FUNCTION {_FUNCTIONS} FROM PUBLIC")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {_FUNCTIONS}")
    op.drop_table("audit_spool")
