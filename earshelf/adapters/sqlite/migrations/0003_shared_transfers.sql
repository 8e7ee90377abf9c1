-- Before a transfer is taken out of a client, its other downloads are asked for; an unconfirmed grab has its hash only.
CREATE INDEX downloads_of_transfer ON downloads (client_id, lower(coalesce(reference, info_hash)));
