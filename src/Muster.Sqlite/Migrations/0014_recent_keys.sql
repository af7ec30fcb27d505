-- Keys come here first; a full page of them is moved to contact_key_page.
CREATE TABLE contact_key_recent (first INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;
