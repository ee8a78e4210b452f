"""
The first tables, the triggers that make entries and receipts append-only, and those that hold requests to the legal moves.

Only the numbering may change an entry: once, from no index to its index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What of an entry never changes: everything but its index.
EVIDENCE = '"id", "kind", "at", "actor", "client", "request", "party", "account", "address", "channel", "effect", "state", "rules", "body"'

# What a request may become, as `core.lifecycle` has it; a state may be written again.
MOVES = {
    "scheduled": "queued dispatching refused cancelled expired",
    "queued": "scheduled dispatching refused cancelled expired",
    "dispatching": "scheduled sent completed failed unknown",
    "sent": "completed failed unknown",
    "unknown": "completed failed",
}
LEGAL = ", ".join(f"'{here} {there}'" for here, all_there in MOVES.items() for there in all_there.split())
ILLEGAL = f"OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state NOT IN ({LEGAL})"


def upgrade() -> None:
    create_tables()
    if op.get_bind().dialect.name == "sqlite":
        guard_on_sqlite()
    else:
        guard_on_postgres()


def guard_on_sqlite() -> None:
    for name, event in (
        ("entries_not_deleted", "DELETE ON entries"),
        ("entries_not_changed", f"UPDATE OF {EVIDENCE} ON entries"),
        ("entries_numbered_once", 'UPDATE OF "index" ON entries WHEN OLD."index" IS NOT NULL OR NEW."index" IS NULL'),
        ("receipts_not_deleted", "DELETE ON receipts"),
        ("receipts_not_changed", "UPDATE ON receipts"),
    ):
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} BEGIN SELECT RAISE(ABORT, 'append-only'); END")
    moved = f"BEFORE UPDATE OF state ON requests WHEN {ILLEGAL}"
    op.execute(f"CREATE TRIGGER requests_moved_legally {moved} BEGIN SELECT RAISE(ABORT, 'no legal move'); END")


def guard_on_postgres() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_as_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
        """
    )
    for name, event in (
        ("entries_not_deleted", "DELETE OR TRUNCATE ON entries"),
        ("entries_not_changed", f"UPDATE OF {EVIDENCE} ON entries"),
        (
            "entries_numbered_once",
            'UPDATE OF "index" ON entries FOR EACH ROW WHEN (OLD."index" IS NOT NULL OR NEW."index" IS NULL)',
        ),
        ("receipts_not_deleted", "DELETE OR TRUNCATE ON receipts"),
        ("receipts_not_changed", "UPDATE ON receipts"),
    ):
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} EXECUTE FUNCTION refuse_as_append_only()")
    op.execute(
        """
        CREATE FUNCTION refuse_as_no_legal_move() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no legal move' USING ERRCODE = 'check_violation'; END $$
        """
    )
    moved = f"BEFORE UPDATE OF state ON requests FOR EACH ROW WHEN ({ILLEGAL})"
    op.execute(f"CREATE TRIGGER requests_moved_legally {moved} EXECUTE FUNCTION refuse_as_no_legal_move()")


def create_tables() -> None:
    op.create_table(
        "account_parties",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "party", name=op.f("account_parties_pk")),
    )
    op.create_index("account_parties_party", "account_parties", ["party"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("creditor", sa.Text(), nullable=True),
        sa.Column("days_past_due", sa.Integer(), nullable=True),
        sa.Column("listed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_pk")),
    )
    op.create_table(
        "activations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("effective_at", sa.BigInteger(), nullable=False),
        sa.Column("first_by", sa.Text(), nullable=False),
        sa.Column("second_by", sa.Text(), nullable=True),
        sa.Column("activated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("activations_pk")),
    )
    op.create_table(
        "allowances",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "address", "template", name=op.f("allowances_pk")),
    )
    op.create_index("allowances_address", "allowances", ["address"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("party_role", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_kind", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("actor_role", sa.Text(), nullable=True),
        sa.Column("dialing", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("asks", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_ref", sa.Text(), nullable=True),
        sa.Column("intent_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("report_mark", sa.Text(), nullable=True),
        sa.Column("uses", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("direction IN ('outbound', 'inbound')", name=op.f("attempts_direction_known")),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('not_connected_busy', 'not_in_service', 'ring_no_answer', 'voicemail_no_message', 'voicemail_message', 'answered_dropped', 'conversation_right_party', 'conversation_third_party', 'wrong_number', 'abandoned', 'sent', 'delivered', 'read', 'replied', 'undelivered', 'returned', 'visited_met', 'visited_absent', 'refused_by_provider', 'failed', 'unknown')",
            name=op.f("attempts_outcome_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("attempts_pk")),
    )
    op.create_index("attempts_account", "attempts", ["account", "at"], unique=False)
    op.create_index("attempts_address", "attempts", ["address", "at"], unique=False)
    op.create_index(
        "attempts_open",
        "attempts",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("attempts_party", "attempts", ["party", "at"], unique=False)
    op.create_index("attempts_provider", "attempts", ["provider", "provider_ref"], unique=False)
    op.create_index("attempts_request", "attempts", ["request"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("blocks_pk")),
    )
    op.create_table(
        "books",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("books_pk")),
    )
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("told_to", sa.BigInteger(), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("old_secret_until", sa.BigInteger(), nullable=True),
        sa.Column("older_secrets_until", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("callbacks_pk")),
    )
    op.create_index("callbacks_client", "callbacks", ["client"], unique=False)
    op.create_table(
        "clients",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("key_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("clients_pk")),
        sa.UniqueConstraint("key_sha256", name=op.f("clients_key_sha256_once")),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("window", sa.Text(), nullable=True),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("given_to", sa.Text(), nullable=True),
        sa.Column("proved", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("consents_pk")),
    )
    op.create_index("consents_party", "consents", ["party"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("facts_sha256", sa.Text(), nullable=False),
        sa.Column("sealed_with", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("decisions_pk")),
    )
    op.create_index("decisions_request", "decisions", ["request"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=True),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (next_at IS NOT NULL)", name=op.f("deliveries_waiting_has_next_at")),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name=op.f("deliveries_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("deliveries_pk")),
        sa.UniqueConstraint("callback", "index", name="deliveries_once"),
    )
    op.create_index(
        "deliveries_dead",
        "deliveries",
        ["callback", "index"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["callback", "next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("index", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("effect", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("entries_pk")),
    )
    op.create_index("entries_account", "entries", ["account"], unique=False)
    op.create_index("entries_address", "entries", ["address"], unique=False)
    op.create_index(
        "entries_by_index",
        "entries",
        ["index"],
        unique=True,
        sqlite_where=sa.text('"index" IS NOT NULL'),
        postgresql_where=sa.text('"index" IS NOT NULL'),
    )
    op.create_index("entries_party", "entries", ["party"], unique=False)
    op.create_index("entries_request", "entries", ["request"], unique=False)
    op.create_index(
        "entries_unnumbered",
        "entries",
        ["id"],
        unique=False,
        sqlite_where=sa.text('"index" IS NULL'),
        postgresql_where=sa.text('"index" IS NULL'),
    )
    op.create_table(
        "heard",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("key_wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'taken', 'aside')", name=op.f("heard_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("heard_pk")),
    )
    op.create_index(
        "heard_due",
        "heard",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("allowed_purposes", sa.Text(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("holds_pk")),
    )
    op.create_index("holds_account", "holds", ["account"], unique=False)
    op.create_index("holds_party", "holds", ["party"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("leases_pk")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("notices_pk")),
    )
    op.create_index("notices_account", "notices", ["account"], unique=False)
    op.create_table(
        "obligations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("satisfied_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'overdue', 'done')", name=op.f("obligations_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("obligations_pk")),
        sa.UniqueConstraint("account", "rule", name="obligations_once"),
    )
    op.create_index(
        "obligations_due",
        "obligations",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "parties",
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key_wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("time_zones", sa.Text(), nullable=False),
        sa.Column("jurisdictions", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("party", name=op.f("parties_pk")),
        sa.UniqueConstraint("id", name=op.f("parties_id_once")),
    )
    op.create_table(
        "permits",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("permits_pk")),
        sa.UniqueConstraint("attempt", name=op.f("permits_attempt_once")),
        sa.UniqueConstraint("request", name=op.f("permits_request_once")),
    )
    op.create_table(
        "preferences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("preferences_pk")),
    )
    op.create_index("preferences_party", "preferences", ["party"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Text(), nullable=True),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("receipts_pk")),
        sa.UniqueConstraint("provider", "event", name="receipts_once"),
    )
    op.create_index("receipts_attempt", "receipts", ["attempt"], unique=False)
    op.create_table(
        "registry_checks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("registry_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("registry_checks_pk")),
    )
    op.create_index("registry_checks_address", "registry_checks", ["address"], unique=False)
    op.create_table(
        "requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("body_mark", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("execution", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("if_blocked", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("party_role", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("sealed_with", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Text(), nullable=False),
        sa.Column("zones", sa.Text(), nullable=False),
        sa.Column("jurisdictions", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("send_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('scheduled', 'queued')) = (send_at IS NOT NULL)", name=op.f("requests_waiting_has_send_at")
        ),
        sa.CheckConstraint("priority IN ('low', 'normal', 'high')", name=op.f("requests_priority_known")),
        sa.CheckConstraint(
            "state IN ('scheduled', 'queued', 'dispatching', 'sent', 'completed', 'failed', 'unknown', 'refused', 'cancelled', 'expired')",
            name=op.f("requests_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("requests_pk")),
        sa.UniqueConstraint("client", "reference", name="requests_reference"),
    )
    op.create_index("requests_account", "requests", ["account"], unique=False)
    op.create_index(
        "requests_due",
        "requests",
        ["priority", "send_at"],
        unique=False,
        sqlite_where=sa.text("send_at IS NOT NULL"),
        postgresql_where=sa.text("send_at IS NOT NULL"),
    )
    op.create_index(
        "requests_expiring",
        "requests",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("send_at IS NOT NULL"),
        postgresql_where=sa.text("send_at IS NOT NULL"),
    )
    op.create_index("requests_party", "requests", ["party"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("party_role", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_kind", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("client", sa.Text(), nullable=True),
        sa.Column("actor_role", sa.Text(), nullable=True),
        sa.Column("dialing", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'kept', 'released')", name=op.f("reservations_state_known")),
        sa.PrimaryKeyConstraint("request", name=op.f("reservations_pk")),
    )
    op.create_index(
        "reservations_account",
        "reservations",
        ["account", "at"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "reservations_address",
        "reservations",
        ["address", "at"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "reservations_party",
        "reservations",
        ["party", "at"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "shadow_counts",
        sa.Column("shadow", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("would", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shadow", "rule", "was", "would", name=op.f("shadow_counts_pk")),
    )
    op.create_table(
        "shadows",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("shadows_pk")),
    )
    op.create_index(
        "shadows_open",
        "shadows",
        ["begun_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("suppressions_pk")),
    )
    op.create_index("suppressions_party", "suppressions", ["party"], unique=False)
    op.create_index("suppressions_value", "suppressions", ["value"], unique=False)
    op.create_table(
        "template_versions",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sources", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("template_versions_pk")),
    )
    op.create_table(
        "watches",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.Column("otherwise", sa.BigInteger(), nullable=False),
        sa.Column("unreadable", sa.BigInteger(), nullable=False),
        sa.Column("erased", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("watches_pk")),
    )
