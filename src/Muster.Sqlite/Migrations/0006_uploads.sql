-- Bytes that callers sent ahead of an import. The bytes lie in the spool folder; imports made from an upload share its file.
CREATE TABLE upload (
  no INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account,
  file_name TEXT,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  spool TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_by_account ON upload (account_id, no);
CREATE INDEX upload_by_expiry ON upload (expires_at);
CREATE INDEX upload_by_spool ON upload (spool);
