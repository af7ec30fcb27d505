-- phase: 0 the import writes; 1 it is all or nothing, and is being checked: nothing is written. planned: contacts that it would have made so far.
-- ledger_expired_at: when its batches were dropped (milliseconds since 1970-01-01 UTC): it can no longer be taken back, and its counts stay.
ALTER TABLE import ADD COLUMN phase INTEGER NOT NULL DEFAULT 0;
ALTER TABLE import ADD COLUMN planned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE import ADD COLUMN ledger_expired_at INTEGER;
