"""Who may do what in the engine, as ClickHouse's own access control has it: an owner, and guests who read.

chDB signs everybody in as one user. That user has two roles; a connection that takes the guests' role has no other
right than to select from the warehouse's databases: no table function that reaches outside, no statement that writes.
What system tables show of others has a row policy besides, for those tables need no right.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

OWNER: Final = "owner"
GUEST: Final = "guest"

_OWNERS_ONLY: Final = (
    "asynchronous_inserts",
    "background_schedule_pool",
    "backups",
    "certificates",
    "distributed_ddl_queue",
    "dns_cache",
    "errors",
    "fail_points",
    "filesystem_cache",
    "handlers",
    "merges",
    "moves",
    "mutations",
    "named_collections",
    "processes",
    "query_cache",
    "query_condition_cache",
    "query_log",
    "query_thread_log",
    "query_views_log",
    "replication_queue",
    "server_settings",
    "session_log",
    "session_query_ids",
    "stack_trace",
    "text_log",
    "trace_log",
    "user_processes",
    "user_query_log",
    "view_refreshes",
    "warnings",
)
"""Tables of `system` that show other queries, secrets, or the process's insides: to a guest they have no rows."""

_CONFIG: Final = """<clickhouse>
    <users_config>{users}</users_config>
</clickhouse>
"""
_USERS: Final = f"""<clickhouse>
    <profiles><default/></profiles>
    <quotas><default/></quotas>
    <roles>
        <{OWNER}><grants><query>GRANT ALL ON *.* WITH GRANT OPTION</query></grants></{OWNER}>
        <{GUEST}><grants><query>GRANT SELECT ON default*.*</query></grants></{GUEST}>
    </roles>
    <users>
        <default>
            <password/>
            <networks><ip>::/0</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
            <grants><query>GRANT {OWNER}</query><query>GRANT {GUEST}</query></grants>
            <databases><system>{{policies}}</system></databases>
        </default>
    </users>
</clickhouse>
"""
_POLICY: Final = f"<{{table}}><filter>has(enabledRoles(), '{OWNER}')</filter></{{table}}>"


@contextmanager
def declared() -> Iterator[str]:
    """What goes after a folder's path, for chDB to open it with these rights. The files that it reads then are gone
    with the block.
    """
    folder = Path(tempfile.mkdtemp(prefix="dompet-engine-"))
    try:
        config, users = folder / "config.xml", folder / "users.xml"
        users.write_text(_USERS.format(policies="".join(_POLICY.format(table=table) for table in _OWNERS_ONLY)))
        config.write_text(_CONFIG.format(users=users))
        yield f"?config-file={config}&users_config={users}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
