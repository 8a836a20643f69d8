"""A programme in which there is much of everything, under long names: lists of thousands, hundreds of days."""

from collections.abc import Iterator
from typing import Final

from dompet.schemas.catalogue import Listing
from dompet.streams.warehouse import Warehouse
from tests.model.events import Event
from tests.support.catalogue import DAY_US, START_US, course, institution, platform, rows_of_listings
from tests.support.ledger import Ledger

DECREE: Final = (
    "Keputusan Direktur Eksekutif Manajemen Pelaksana Program Kartu Prakerja Nomor {} Tahun 2020 tentang"
    " Penetapan Penerima Kartu Prakerja"
)
NAME: Final = "Lembaga Pelatihan dan Sertifikasi Kompetensi Kerja Bina Karya Nusantara Mandiri Sejahtera {}"
TITLE: Final = "Menguasai Pembukuan, Perpajakan, dan Pemasaran Digital bagi Pelaku Usaha Mikro dan Kecil, Angkatan {}"
_INSTITUTION: Final = "lembaga-pelatihan-bina-karya-nusantara-mandiri-sejahtera-{}"
_COURSE: Final = "pembukuan-perpajakan-dan-pemasaran-digital-usaha-mikro-{}"
_PLATFORM: Final = "bukalapak"
_SALES_DAYS: Final = 700


def fill(warehouse: Warehouse, count: int) -> None:
    """As many waves, institutions, courses, orders, held incentives and rejections as are asked for."""
    for table, listed in rows_of_listings(_listings(count)).items():
        warehouse.insert(table, listed)
    Ledger(warehouse).store([event for number in range(count) for event in _person(number)])


def _listings(count: int) -> Iterator[Listing]:
    yield platform(platform_id=_PLATFORM, name="Bukalapak", valid_from=START_US)
    for number in range(count):
        name = _INSTITUTION.format(number)
        yield institution(institution_id=name, name=NAME.format(number))
        yield course(course_id=_COURSE.format(number), institution_id=name, title=TITLE.format(number))


def _person(number: int) -> list[Event]:
    """Who is credited, buys, redeems and completes within a minute; and a sale to somebody without a wallet."""
    at = START_US + number % _SALES_DAYS * DAY_US
    shared = {"beneficiary_id": f"b-{number:012}", "occurred_at": at, "publisher_id": _PLATFORM}
    order = {"platform_id": _PLATFORM, "order_id": f"INV/20200411/PRK/{number:010}"}
    bought = {
        "course_id": _COURSE.format(number), "price": 1_000_000 - number, "commission": 100_000,
        "institution_id": _INSTITUTION.format(number),
    }  # fmt: skip
    events: list[Event] = [
        {**shared, "type": "SaldoCredited", "publisher_id": "programme", "credit_id": f"c-{number}",
         "decree": DECREE.format(number), "wave": number, "amount": 1_000_000},
        {**shared, "type": "CoursePurchased", **order, **bought},
        {**shared, "type": "CourseCompleted", **order, "certificate_id": f"SERT-{number}", "score": None},
        {**shared, "type": "CoursePurchased", "beneficiary_id": f"n-{number:012}", **order, **bought},
    ]  # fmt: skip
    return [{"event_id": f"{number}-{at}", **event} for at, event in enumerate(events)]
