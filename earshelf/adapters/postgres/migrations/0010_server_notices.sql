-- What the owner of a media server should know of it, such as that it was found at another address.
ALTER TABLE servers ADD COLUMN notice text NOT NULL DEFAULT '';
