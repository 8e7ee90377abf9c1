-- What a list shows of a book's people is kept as it is answered, with its fields named.
UPDATE books SET shown = json_object(
    'authors', json((
        SELECT json_group_array(json_object('id', json_extract(value, '$[0]'), 'name', json_extract(value, '$[1]')))
        FROM json_each(books.shown, '$[0]')
    )),
    'narrators', json((
        SELECT json_group_array(json_object('id', json_extract(value, '$[0]'), 'name', json_extract(value, '$[1]')))
        FROM json_each(books.shown, '$[1]')
    )),
    'series', json_extract(shown, '$[2]')
);
