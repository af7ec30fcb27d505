-- What corrected an import's rejects, planned it, or took it back; and which imports had the same bytes.
CREATE INDEX import_by_parent ON import (account_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX import_by_bytes ON import (account_id, json_extract(source, '$.sha256')) WHERE kind = 0;
