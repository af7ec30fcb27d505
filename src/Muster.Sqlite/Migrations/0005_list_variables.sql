-- variables: names of a dynamic list's variables, a JSON array of texts. updated_at: null until the list itself was changed.
ALTER TABLE contact_list ADD COLUMN variables TEXT;
ALTER TABLE contact_list ADD COLUMN updated_at INTEGER;
