/**
 * The schema, as the steps that lead to it: step n takes a file from `user_version` n to n + 1. A step that has been
 * released is never changed. Times are milliseconds since the Unix epoch.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE owner_token (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    hash       BLOB NOT NULL CHECK (length(hash) = 32),
    created_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE invitation (
    id         TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    lobby_id   TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('player', 'viewer')),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    revoked_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX invitation_by_expiry ON invitation (expires_ms);
  `,
  `
  CREATE TABLE lobby (
    id         TEXT PRIMARY KEY,
    app_id     TEXT NOT NULL,
    title      TEXT NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    layout     TEXT,
    stop_when_everyone_leaves INTEGER NOT NULL CHECK (stop_when_everyone_leaves IN (0, 1)),
    created_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE session_record (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    member_id  TEXT NOT NULL,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL,
    ended_ms   INTEGER,
    cause      TEXT,
    summary    TEXT NOT NULL,
    entries    TEXT NOT NULL
  ) STRICT;
  CREATE INDEX session_record_by_session ON session_record (session_id);

  CREATE TABLE session_record_lobby (
    lobby_id TEXT NOT NULL,
    number   INTEGER NOT NULL REFERENCES session_record (number) ON DELETE CASCADE,
    PRIMARY KEY (lobby_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_record_lobby_by_number ON session_record_lobby (number);
  `,
  `
  CREATE TABLE app (
    id         TEXT PRIMARY KEY,
    definition TEXT NOT NULL CHECK (json_valid(definition)),
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE lobby ADD COLUMN seating TEXT NOT NULL DEFAULT 'single' CHECK (seating IN ('single', 'shared'));

  CREATE TABLE lobby_seat (
    lobby_id  TEXT NOT NULL REFERENCES lobby (id) ON DELETE CASCADE,
    seat      TEXT NOT NULL,
    locked    INTEGER NOT NULL CHECK (locked IN (0, 1)),
    member_id TEXT,
    PRIMARY KEY (lobby_id, seat)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE kept_invitation (
    id         TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    lobby_id   TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('player', 'viewer', 'agent')),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    revoked_ms INTEGER,
    -- When it was seen to have expired: a clock that is set back does not undo that.
    expired_ms INTEGER,
    max_uses   INTEGER CHECK (max_uses > 0),
    uses       INTEGER NOT NULL DEFAULT 0 CHECK (uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)),
    pin_hash   BLOB,
    -- Wrong tries, and those that are being checked.
    pin_tries  INTEGER NOT NULL DEFAULT 0 CHECK (pin_tries BETWEEN 0 AND 10)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO kept_invitation (id, token_hash, lobby_id, role, created_ms, expires_ms, revoked_ms)
    SELECT id, token_hash, lobby_id, role, created_ms, expires_ms, revoked_ms FROM invitation;
  DROP TABLE invitation;
  ALTER TABLE kept_invitation RENAME TO invitation;
  CREATE INDEX invitation_by_expiry ON invitation (expires_ms);

  CREATE TABLE guest (
    id            TEXT PRIMARY KEY,
    invitation_id TEXT NOT NULL REFERENCES invitation (id) ON DELETE CASCADE,
    claim_hash    BLOB NOT NULL CHECK (length(claim_hash) = 32),
    token_salt    BLOB NOT NULL CHECK (length(token_salt) = 32),
    token_hash    BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('player', 'viewer', 'agent')),
    joined_ms     INTEGER NOT NULL,
    removed_ms    INTEGER,
    UNIQUE (invitation_id, claim_hash)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE lobby ADD COLUMN profile TEXT NOT NULL DEFAULT 'default';
  `,
  `
  CREATE TABLE outbox (
    member_id TEXT NOT NULL,
    outbox    TEXT NOT NULL,
    through   INTEGER NOT NULL CHECK (through > 0),
    refused   TEXT NOT NULL CHECK (json_valid(refused)),
    used_ms   INTEGER NOT NULL,
    PRIMARY KEY (member_id, outbox)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outbox_by_use ON outbox (used_ms);

  -- AUTOINCREMENT: an id that was told is never used again, also when its text is forgotten.
  CREATE TABLE lobby_text (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    lobby_id  TEXT NOT NULL,
    member_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    role      TEXT NOT NULL,
    text      TEXT NOT NULL,
    said_ms   INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX lobby_text_by_lobby ON lobby_text (lobby_id, id);

  CREATE TABLE device (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    member_id  TEXT NOT NULL,
    added_ms   INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX device_by_member ON device (member_id, number);
  `,
  `
  ALTER TABLE lobby ADD COLUMN voice TEXT NOT NULL DEFAULT 'app' CHECK (voice IN ('app', 'players', 'everybody'));
  `,
  `
  -- Lobbies that a guest may enter beside that of the invitation.
  CREATE TABLE guest_lobby (
    guest_id    TEXT NOT NULL REFERENCES guest (id) ON DELETE CASCADE,
    lobby_id    TEXT NOT NULL,
    admitted_ms INTEGER NOT NULL,
    PRIMARY KEY (guest_id, lobby_id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What the owner decides about a lobby is one value: another setting is not another column.
  ALTER TABLE lobby ADD COLUMN settings TEXT NOT NULL DEFAULT '{}' CHECK (json_type(settings) IS 'object');
  UPDATE lobby SET settings = json_patch('{}', json_object(
    'title', title,
    'size', json_object('width', width, 'height', height),
    'layout', layout,
    'stopWhenEveryoneLeaves', json(iif(stop_when_everyone_leaves, 'true', 'false')),
    'restart', 'always',
    'seating', seating,
    'voice', voice
  ));
  ALTER TABLE lobby DROP COLUMN title;
  ALTER TABLE lobby DROP COLUMN width;
  ALTER TABLE lobby DROP COLUMN height;
  ALTER TABLE lobby DROP COLUMN layout;
  ALTER TABLE lobby DROP COLUMN stop_when_everyone_leaves;
  ALTER TABLE lobby DROP COLUMN seating;
  ALTER TABLE lobby DROP COLUMN voice;
  `,
  `
  CREATE TABLE kept_device (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('token', 'certificate', 'key')),
    credential_hash BLOB NOT NULL CHECK (length(credential_hash) = 32),
    member_id       TEXT NOT NULL,
    name            TEXT NOT NULL,
    added_ms        INTEGER NOT NULL,
    seen_ms         INTEGER,
    UNIQUE (kind, credential_hash)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO kept_device (id, kind, credential_hash, member_id, name, added_ms)
    SELECT lower(hex(randomblob(16))), 'token', token_hash, member_id, 'Browser', added_ms FROM device;
  DROP TABLE device;
  ALTER TABLE kept_device RENAME TO device;
  CREATE INDEX device_by_member ON device (member_id, added_ms);

  ALTER TABLE owner_token ADD COLUMN member_id TEXT NOT NULL DEFAULT 'owner';
  UPDATE owner_token SET member_id = coalesce((SELECT value FROM setting WHERE key = 'owner-member-id'), 'owner');
  DELETE FROM setting WHERE key = 'owner-member-id';
  `,
  `
  -- What the ledger was told, in its order, each entry signed: whoever alters it, or what was said, is found out.
  CREATE TABLE ledger_entry (
    number    INTEGER PRIMARY KEY CHECK (number > 0),
    entry     TEXT NOT NULL CHECK (json_valid(entry)),
    root      BLOB NOT NULL CHECK (length(root) = 32),
    signature BLOB NOT NULL
  ) STRICT;
  -- With it the entry of a text says nothing of it any more when the text is forgotten.
  ALTER TABLE lobby_text ADD COLUMN salt BLOB;
  `,
]
