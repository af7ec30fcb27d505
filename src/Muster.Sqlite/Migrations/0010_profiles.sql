-- How sources of one kind are read. A change adds a version; earlier ones stay. options, columns: JSON.
CREATE TABLE profile (
  account_id INTEGER NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, options TEXT NOT NULL, columns TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, id, version)
) STRICT, WITHOUT ROWID;
