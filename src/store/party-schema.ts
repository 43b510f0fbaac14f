import type { DatabaseSchema } from './open-database.ts'

/** The registry of parties has a file of its own, "PLpa". Times are milliseconds since the Unix epoch. */
export const partySchema: DatabaseSchema = {
  applicationId: 0x504c7061,
  migrations: [
    `
    CREATE TABLE party (
      id               TEXT PRIMARY KEY,
      name             TEXT NOT NULL,
      host_id          TEXT NOT NULL,
      created_ms       INTEGER NOT NULL,
      admission        TEXT NOT NULL CHECK (admission IN ('id', 'code')),
      code_hash        BLOB CHECK (code_hash IS NULL OR length(code_hash) = 32),
      when_host_leaves TEXT NOT NULL CHECK (when_host_leaves IN ('end', 'migrate')),
      CHECK ((admission = 'code') = (code_hash IS NOT NULL))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE peer (
      party_id    TEXT NOT NULL REFERENCES party (id) ON DELETE CASCADE,
      peer_id     TEXT NOT NULL,
      name        TEXT NOT NULL,
      public_key  TEXT NOT NULL,
      nat_type    TEXT NOT NULL,
      public_ip   TEXT,
      public_port INTEGER,
      local_ip    TEXT,
      local_port  INTEGER,
      joined_ms   INTEGER NOT NULL,
      seen_ms     INTEGER NOT NULL,
      PRIMARY KEY (party_id, peer_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE address (
      party_id TEXT NOT NULL REFERENCES party (id) ON DELETE CASCADE,
      peer_id  TEXT NOT NULL,
      number   INTEGER NOT NULL CHECK (number > 0),
      PRIMARY KEY (party_id, peer_id),
      UNIQUE (party_id, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE peer_token (
      peer_id    TEXT PRIMARY KEY,
      hash       BLOB NOT NULL CHECK (length(hash) = 32),
      expires_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE relay (
      relay_id      TEXT PRIMARY KEY,
      public_ip     TEXT NOT NULL,
      port          INTEGER NOT NULL,
      region        TEXT NOT NULL,
      capacity      INTEGER NOT NULL,
      registered_ms INTEGER NOT NULL,
      seen_ms       INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    `,
  ],
}
