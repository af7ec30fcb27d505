-- Where erased contacts still stand in spooled sources. Written with the erasure, gone when the bytes are blank or the source is deleted.
CREATE TABLE spool_erasure (
  account_id INTEGER NOT NULL, import_no INTEGER NOT NULL REFERENCES import, byte_offset INTEGER NOT NULL, byte_length INTEGER NOT NULL,
  PRIMARY KEY (import_no, byte_offset)
) STRICT, WITHOUT ROWID;
