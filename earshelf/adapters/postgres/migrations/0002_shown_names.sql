-- What a list shows of a book's people is kept as it is answered, with its fields named.
UPDATE books SET shown = json_build_object(
    'authors', (
        SELECT coalesce(json_agg(json_build_object('id', pair->0, 'name', pair->1) ORDER BY place), '[]'::json)
        FROM json_array_elements(shown::json->0) WITH ORDINALITY AS people (pair, place)
    ),
    'narrators', (
        SELECT coalesce(json_agg(json_build_object('id', pair->0, 'name', pair->1) ORDER BY place), '[]'::json)
        FROM json_array_elements(shown::json->1) WITH ORDINALITY AS people (pair, place)
    ),
    'series', shown::json->2
)::text;
