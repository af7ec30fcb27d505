-- contacts: how many contacts the account has, kept by every transaction that makes or removes one: counting them takes as long as reading them.
ALTER TABLE account ADD COLUMN contacts INTEGER NOT NULL DEFAULT 0;
UPDATE account SET contacts = (SELECT count(*) FROM contact WHERE contact.id > account.id << 32 AND contact.id < (account.id + 1) << 32);

-- Imports that have not ended, save the accounts' Api imports.
CREATE INDEX import_unfinished ON import (account_id, no) WHERE finished_at IS NULL AND kind <> 5;

-- visibility: 0 private, 1 public. default_value: what programs may show for contacts without a value.
ALTER TABLE contact_list ADD COLUMN visibility INTEGER NOT NULL DEFAULT 0;
ALTER TABLE field ADD COLUMN visibility INTEGER NOT NULL DEFAULT 0;
ALTER TABLE field ADD COLUMN default_value TEXT;
