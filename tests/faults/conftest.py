"""What the tests of whole nodes share: an ear at the ward, and the name of the node that each test runs."""

from collections.abc import Iterator

import pytest

from deploy import assets
from deploy.ward import Ward
from tests.app.living import Ear


@pytest.fixture
def ear(ward: Ward, request: pytest.FixtureRequest) -> Iterator[Ear]:
    if assets.find_street_video() is None or assets.find_ssd_model() is None:
        pytest.skip("the street video and the model are not here (make assets)")
    ear = Ear(ward, name_of(request))
    yield ear
    ear.close()


def name_of(request: pytest.FixtureRequest) -> str:
    """Of the node of this test, and of no other."""
    return "".join(sign if sign.isalnum() else "-" for sign in str(request.node.name).lower())[:40].strip("-")
