-- hold, flags: JSON lists of findings. tally: what the hold rules have counted up to the checkpoint.
ALTER TABLE import ADD COLUMN hold TEXT;
ALTER TABLE import ADD COLUMN flags TEXT;
ALTER TABLE import ADD COLUMN tally TEXT;
-- Has this very source come before?
CREATE INDEX import_by_source ON import (account_id, json_extract(source, '$.sha256')) WHERE kind = 0;
