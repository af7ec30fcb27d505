-- Who took a contact out of a list (kind 0) or a tag off it (kind 1), as long as nothing has put it back: an undo gives back only what its own import
-- took away last. By the owner's id and not its number, since an undo may take a list away that its redo brings back under another number.
-- import_no: null where a person did it. Swept with the ledgers.
CREATE TABLE belonging_removal (
  account_id INTEGER NOT NULL, kind INTEGER NOT NULL, owner_id INTEGER NOT NULL, contact_id INTEGER NOT NULL,
  import_no INTEGER, removed_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, kind, owner_id, contact_id)
) STRICT, WITHOUT ROWID;
