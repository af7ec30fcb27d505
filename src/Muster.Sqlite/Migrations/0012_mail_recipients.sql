-- Mails are limited by the hour for each recipient, however the address is capitalised.
DROP INDEX delivery_by_address;
CREATE INDEX delivery_by_recipient ON delivery (address COLLATE NOCASE, last_at) WHERE means = 1;
