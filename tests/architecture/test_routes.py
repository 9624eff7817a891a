"""No route is forgotten by the tests that walk every address: headers, forms, accessibility."""

from tests import routes, scene


def test_every_route_that_takes_arguments_has_them_in_the_table() -> None:
    assert routes.without_arguments() == [], "Say in ARGUMENTS of tests/routes.py what leads there."


def test_every_model_the_admin_shows_has_a_row_in_the_scene(db: None) -> None:
    assert routes.addresses(scene.make())
