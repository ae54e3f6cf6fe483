"""What the app's database role may do: read and write rows, own nothing, never touch the record of the past."""

from django.db import migrations

ROLE = "plumbline_app"
APPEND_ONLY = [
    "accounts_auditevent",
    "accounts_memberevent",
    "accounts_memberroleevent",
    "accounts_workspacesettingsevent",
]

# The role is made with the server (embedded or compose); a single-role database has none, and needs no grants.
GRANTS = f"""
do $$ begin
  if exists (select from pg_roles where rolname = '{ROLE}') and current_user <> '{ROLE}' then
    grant usage on schema public to {ROLE};
    grant select, insert, update, delete on all tables in schema public to {ROLE};
    grant usage, select on all sequences in schema public to {ROLE};
    alter default privileges in schema public grant select, insert, update, delete on tables to {ROLE};
    alter default privileges in schema public grant usage, select on sequences to {ROLE};
  end if;
end $$;
"""


def append_only(*tables):
    """SQL that leaves the app role SELECT and INSERT on these tables."""
    return f"""
do $$ begin
  if exists (select from pg_roles where rolname = '{ROLE}') and current_user <> '{ROLE}' then
    revoke update, delete on {", ".join(tables)} from {ROLE};
  end if;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(append_only(*APPEND_ONLY), migrations.RunSQL.noop),
    ]
