-- import.small from now on: -1 the source is still to be fetched, 1 the reserved lane may run it, 0 neither.

-- What an import needs to know and nobody is shown: where its source is, and whom to tell of it. Addresses are complete, secrets included.
CREATE TABLE import_remote (
  account_id INTEGER NOT NULL, import_no INTEGER NOT NULL REFERENCES import, position INTEGER NOT NULL, url TEXT NOT NULL,
  PRIMARY KEY (import_no, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_target (
  account_id INTEGER NOT NULL, import_no INTEGER NOT NULL REFERENCES import, position INTEGER NOT NULL,
  means INTEGER NOT NULL, address TEXT NOT NULL, format TEXT NOT NULL,
  PRIMARY KEY (import_no, position)
) STRICT, WITHOUT ROWID;

-- The outbox: what an import's status became, written in the transaction that made it so. spread: its deliveries are made.
CREATE TABLE import_event (
  no INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  import_no INTEGER NOT NULL REFERENCES import,
  at INTEGER NOT NULL,
  status INTEGER NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, unchanged INTEGER NOT NULL, duplicate INTEGER NOT NULL,
  suppressed INTEGER NOT NULL, skipped INTEGER NOT NULL, rejected INTEGER NOT NULL, warned INTEGER NOT NULL,
  next_batch INTEGER NOT NULL, source_position INTEGER NOT NULL, failure TEXT, started_at INTEGER, finished_at INTEGER, hold TEXT, flags TEXT,
  spread INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX import_event_new ON import_event (no) WHERE spread = 0;
CREATE INDEX import_event_by_import ON import_event (import_no);

CREATE TABLE webhook (
  id BLOB PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  description TEXT,
  secret TEXT NOT NULL,
  former_secret TEXT,
  former_until INTEGER,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER,
  disabled_reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_by_account ON webhook (account_id, id);

-- One row for everybody who is told of one event. status: 0 waiting, 1 delivered, 2 failed.
CREATE TABLE delivery (
  id BLOB PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account,
  event_no INTEGER REFERENCES import_event,
  webhook_id BLOB,
  means INTEGER NOT NULL,
  address TEXT NOT NULL,
  format TEXT NOT NULL,
  status INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER,
  created_at INTEGER NOT NULL,
  last_at INTEGER,
  last_status INTEGER,
  last_error TEXT,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (next_at) WHERE status = 0;
CREATE INDEX delivery_by_account ON delivery (account_id, id);
CREATE INDEX delivery_by_event ON delivery (event_no);
CREATE INDEX delivery_by_address ON delivery (address, last_at) WHERE means = 1;

-- What signs the webhooks that single imports name.
ALTER TABLE account ADD COLUMN webhook_secret TEXT;
ALTER TABLE account ADD COLUMN webhook_former_secret TEXT;
ALTER TABLE account ADD COLUMN webhook_former_until INTEGER;
