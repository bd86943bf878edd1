"""The picture of a customer: judged by content, drawn anew, initials where there is none."""

from io import BytesIO

import pytest
from PIL import Image

from carteira.core.files.models import StoredFile
from carteira.core.walls import scope
from carteira.customers.models import Customer
from carteira.customers.tests.sweep import a_picture


@pytest.fixture(autouse=True)
def _files(tmp_path, settings):
    settings.FILES_ROOT = tmp_path


def send(cast, customer, data, name="maria.png", user=None):
    file = BytesIO(data)
    file.name = name
    return cast.client(user or cast.ana).post(f"/aurora/customers/{customer.pk}/photo/change/", {"photo": file})


def test_a_photo_is_kept_small_and_without_what_else_the_file_told(cast, make_customer):
    """A9: size, pixels and content; no EXIF; the former picture goes."""
    customer = make_customer(cast.aurora, "Maria Silva")
    client = cast.client(cast.caio)
    url = f"/aurora/customers/{customer.pk}/photo/"
    assert client.get(url).status_code == 404
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    assert send(cast, customer, a_picture((2000, 1000), exif=exif)).status_code == 302
    answer = client.get(url)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"taken at home" not in answer.content
    assert Image.open(BytesIO(answer.content)).size == (320, 160)
    assert f"{url}?" in client.get(f"/aurora/customers/{customer.pk}/").text
    assert send(cast, customer, a_picture()).status_code == 302
    with scope(cast.aurora.pk):
        assert StoredFile.objects.count() == 1
    assert cast.client(cast.ana).post(f"{url}remove/").status_code == 302
    assert client.get(url).status_code == 404
    with scope(cast.aurora.pk):
        assert StoredFile.objects.count() == 0


@pytest.mark.parametrize(
    "data", [b"", b"<svg onload=alert(1)>", b"%PDF-1.7", b"\xff\xd8\xff broken", b"GIF89a" + b"\0" * 50]
)
def test_what_is_no_picture_is_refused_with_a_sentence(cast, make_customer, data):
    customer = make_customer(cast.aurora, "Maria Silva")
    refused = send(cast, customer, data, name="face.png")
    assert refused.status_code == 422
    assert refused.context["tab"]["photo_error"]
    with scope(cast.aurora.pk):
        assert Customer.objects.get().photo is None
        assert not StoredFile.objects.exists()


def test_nobody_elses_photo(cast, make_customer):
    """T1, and a viewer may look only."""
    theirs, ours = make_customer(cast.boreal, "Bela"), make_customer(cast.aurora, "Ana")
    assert send(cast, theirs, a_picture(), user=cast.dora).status_code == 404
    assert send(cast, theirs, a_picture()).status_code == 404
    assert cast.client(cast.ana).get(f"/aurora/customers/{theirs.pk}/photo/").status_code == 404
    assert send(cast, ours, a_picture(), user=cast.caio).status_code == 403
