"""Authors, narrators and series of the public API: three resources of one shape."""

from aiohttp import web

from earshelf.entrypoints.answers import answer, listed
from earshelf.entrypoints.paging import PagingQuery, window
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.entrypoints.v1.schemas import Named, list_of
from earshelf.ports.queries import PersonKind, Queries

_NAMED_LIST = list_of(Named)


def routes(plural: str, article_and_singular: str, example: dict[str, str]) -> tuple[Route, ...]:
    """Returns the routes of one kind of names."""
    return (
        Route(
            "GET",
            f"/{plural}",
            "page",
            f"List {plural}",
            plural,
            {200: Answer("A page of names", _NAMED_LIST, {"data": [example], "total": 1})},
            description="By name; listed whether or not a book of the library has them.",
            query=PagingQuery(),
        ),
        Route(
            "GET",
            f"/{plural}/{{name_id}}",
            "one",
            f"Get {article_and_singular}",
            plural,
            {200: Answer("The name", Named, example)},
        ),
    )


AUTHORS = routes("authors", "an author", {"id": "au_7Kx2mQf0Rk6tYb1uNw8ZpA", "name": "Andy Weir"})
NARRATORS = routes("narrators", "a narrator", {"id": "nr_Lp4VnS5dEg9jHc2oXi7UrQ", "name": "Ray Porter"})
SERIES = routes("series", "a series", {"id": "sr_9Wd1cT3bVm5yGe0kJl6FsA", "name": "The Expanse"})


class Names:
    """Answers the routes of one kind of names."""

    def __init__(self, kind: PersonKind, *, queries: Queries) -> None:
        self._kind = kind
        self._queries = queries

    async def page(self, call: Call) -> web.Response:
        """Lists names."""
        page = await self._queries.names(self._kind, window(call.query))
        return listed(page.rows, page.total)

    async def one(self, call: Call) -> web.Response:
        """Shows one name."""
        return answer(await self._queries.name(self._kind, call.ids["name_id"]))
