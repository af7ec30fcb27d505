-- Numbers of accounts, contacts, lists, tags and fields are below 2^31. Times are milliseconds since 1970-01-01 UTC.
-- Words such as status and kind are stored as the numbers of their enums.

CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  sid TEXT NOT NULL UNIQUE,
  region TEXT,
  match INTEGER NOT NULL,
  next_id INTEGER NOT NULL DEFAULT 1,
  settings TEXT,
  served_at INTEGER NOT NULL DEFAULT 0, -- a turn, not a time: the account with the lowest was served longest ago
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  secret_sha256 BLOB NOT NULL,
  scope INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_by_account ON api_key (account_id);

-- id = account << 32 | number, so that an account's contacts lie together and new ones are appended.
-- phone: E.164 digits. fields: one JSON object, {"<field id>": value}, members ordered by id. consent: status per channel with evidence.
-- write_import, write_batch, write_row: which row of which import (import.no) wrote the contact last.
CREATE TABLE contact (
  id INTEGER PRIMARY KEY,
  phone INTEGER,
  email TEXT,
  external_id TEXT,
  first_name TEXT,
  last_name TEXT,
  company TEXT,
  fields TEXT,
  rev INTEGER NOT NULL,
  write_import INTEGER NOT NULL,
  write_batch INTEGER NOT NULL,
  write_row INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  consent TEXT
) STRICT;

-- One owner per value. A key is a 64-bit keyed hash of (account, kind, value); the owner's own value is compared on a hit.
-- Some hundred neighbouring keys and their owners are one row: first = where the row's range of keys begins, entries = see KeyPage.
CREATE TABLE contact_key_page (first INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;

-- Values whose hash another value already has in the pages above. Empty but for chance or malice.
CREATE TABLE contact_key_collision (
  account_id INTEGER NOT NULL, kind INTEGER NOT NULL, value TEXT NOT NULL, contact INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, value)
) STRICT, WITHOUT ROWID;

-- Contacts that show a value which another contact owned when they were written (a family's e-mail), by the value's hash.
-- A row may outlive its truth; readers compare the contact's own value.
CREATE TABLE contact_key_shared (
  key INTEGER NOT NULL, contact INTEGER NOT NULL,
  PRIMARY KEY (key, contact)
) STRICT, WITHOUT ROWID;

-- no: the short name that members carry. It belongs to one account.
CREATE TABLE contact_list (
  no INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,
  kind TEXT NOT NULL DEFAULT 'static', members_max INTEGER, tag TEXT, created_at INTEGER NOT NULL, created_by INTEGER,
  UNIQUE (account_id, id), UNIQUE (account_id, name)
) STRICT;

-- id = contact_list.no << 32 | contact, so that new contacts are appended to a list. No index leads from a contact to its lists: an account's lists
-- are asked one by one. status: 1 member, 2 left. An import never makes a member again of one who left.
CREATE TABLE list_member (
  id INTEGER PRIMARY KEY,
  status INTEGER NOT NULL, since INTEGER NOT NULL, import_no INTEGER, variables TEXT
) STRICT;

CREATE TABLE tag (
  no INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE, created_at INTEGER NOT NULL, created_by INTEGER,
  UNIQUE (account_id, id), UNIQUE (account_id, name)
) STRICT;

-- id = tag.no << 32 | contact, as in list_member.
CREATE TABLE contact_tag (id INTEGER PRIMARY KEY) STRICT;

CREATE TABLE field (
  account_id INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE, type INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by INTEGER,
  PRIMARY KEY (account_id, id), UNIQUE (account_id, name)
) STRICT, WITHOUT ROWID;

-- kind: phone, email (KeyKind) or 10 domain.
CREATE TABLE suppression (
  account_id INTEGER NOT NULL, kind INTEGER NOT NULL, value TEXT NOT NULL, reason TEXT, created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, value)
) STRICT, WITHOUT ROWID;

-- no: the short name that contacts and members carry. One import of kind 5 (Api) per account numbers its single writes.
CREATE TABLE import (
  no INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account,
  kind INTEGER NOT NULL,
  status INTEGER NOT NULL,
  small INTEGER NOT NULL,
  options TEXT NOT NULL,
  source TEXT NOT NULL,
  spool TEXT,
  mapping TEXT NOT NULL,
  warnings TEXT NOT NULL,
  created INTEGER NOT NULL DEFAULT 0,
  updated INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  duplicate INTEGER NOT NULL DEFAULT 0,
  suppressed INTEGER NOT NULL DEFAULT 0,
  skipped INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  warned INTEGER NOT NULL DEFAULT 0,
  next_batch INTEGER NOT NULL DEFAULT 0,
  source_position INTEGER NOT NULL DEFAULT 0,
  lease_owner TEXT,
  lease_epoch INTEGER NOT NULL DEFAULT 0,
  claims INTEGER NOT NULL DEFAULT 0,
  claimed_batch INTEGER NOT NULL DEFAULT -1,
  failure TEXT,
  parent_id BLOB,
  idempotency_route TEXT,
  idempotency_key TEXT,
  fingerprint TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER
) STRICT;
CREATE INDEX import_by_account ON import (account_id, no);
-- What may run: queued and running imports, never the accounts' Api imports, which run for ever.
CREATE INDEX import_queue ON import (status, account_id, no, small, lease_owner, kind) WHERE status IN (0, 1) AND kind <> 5;
CREATE UNIQUE INDEX import_api ON import (account_id) WHERE kind = 5;
CREATE INDEX import_by_spool ON import (spool) WHERE spool IS NOT NULL;
CREATE UNIQUE INDEX import_idempotency ON import (account_id, idempotency_route, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- The ledger: what became of every row, in one compressed blob a batch.
CREATE TABLE import_batch (
  account_id INTEGER NOT NULL, import_no INTEGER NOT NULL, batch_no INTEGER NOT NULL, ledger BLOB NOT NULL,
  PRIMARY KEY (import_no, batch_no)
) STRICT;
