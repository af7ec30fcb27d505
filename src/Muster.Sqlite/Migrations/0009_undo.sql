-- target_id: of an undo, redo or apply, the import whose ledger it works through. undone_by, applied_by: the import that did so to this one.
-- status_before: what an undone import was, so that a redo can say so again. removed: contacts that an undo removed.
ALTER TABLE import ADD COLUMN target_id BLOB;
ALTER TABLE import ADD COLUMN undone_by BLOB;
ALTER TABLE import ADD COLUMN applied_by BLOB;
ALTER TABLE import ADD COLUMN status_before INTEGER;
ALTER TABLE import ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;

-- Which import gave the tag, as list_member has it: an undo takes off only what is its import's.
ALTER TABLE contact_tag ADD COLUMN import_no INTEGER;

-- Milliseconds since 1970-01-01 UTC: when a batch was committed. Null where an earlier Muster wrote it.
ALTER TABLE import_batch ADD COLUMN written_at INTEGER;
