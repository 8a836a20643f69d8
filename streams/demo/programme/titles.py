"""Parts from which names of institutions and titles of courses are put together."""

from random import Random
from typing import Final


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


SKILLS: Final = {
    "Bahasa": _parts("Bahasa Inggris|Bahasa Jepang|Bahasa Mandarin|Bahasa Korea|Business English|TOEFL"),
    "Gaya hidup": _parts("Tata Rias|Menjahit|Fotografi|Barbershop|Merajut|Desain Interior"),
    "Keuangan": _parts("Akuntansi|Pajak UMKM|Pembukuan|Perencanaan Keuangan|Financial Modelling"),
    "Makanan dan minuman": _parts("Barista|Membuat Roti|Katering Rumahan|Kue Kering|Keamanan Pangan"),
    "Pariwisata dan perhotelan": _parts("Pemandu Wisata|Housekeeping|Front Office|Event Organizer"),
    "Penjualan dan pemasaran": _parts("Digital Marketing|Teknik Menjual|Copywriting|Membuka Toko Daring|Foto Produk"),
    "Perkantoran": _parts("Administrasi Kantor|Public Speaking|Project Management|Customer Service|Microsoft Excel"),
    "Pertanian": _parts("Hidroponik|Budidaya Lele|Pupuk Organik|Budidaya Jamur|Ternak Ayam Kampung"),
    "Teknik": _parts("Instalasi Listrik|Servis AC|Servis Telepon Genggam|Teknik Las|Otomotif|AutoCAD"),
    "Teknologi informasi": _parts("Pemrograman Python|Web Development|Analisis Data|UI/UX Design|Aplikasi Android"),
}
"""Skills that are taught, by the category under which platforms list them."""

CATEGORIES: Final = tuple(SKILLS)

_FORMS: Final = _parts("{}|Belajar {}|Kelas {}|Menguasai {}|Mahir {}|{} Masterclass|Panduan Lengkap {}")
_AIMS: Final = _parts(
    "| untuk Pemula| untuk UMKM| untuk Dunia Kerja| dari Nol| for Beginners| untuk Wirausaha| for Professionals"
    "|: Tingkat Dasar|: Tingkat Menengah|: Tingkat Lanjut| untuk Pekerja Lepas"
)
_KINDS: Final = _parts("LKP|LPK|BLK Komunitas|Yayasan|PT|Akademi|Pusat Pelatihan")
_FIRST: Final = _parts("Bina|Karya|Cipta|Mitra|Tunas|Cakra|Widya|Graha|Sinar|Nusa|Daya|Prima")
_SECOND: Final = _parts("Mandiri|Bangsa|Kreasi|Utama|Insani|Terampil|Cendekia|Sejahtera|Digital")
_CITIES: Final = _parts(
    "Jakarta|Bandung|Surabaya|Medan|Makassar|Semarang|Yogyakarta|Denpasar|Palembang|Malang|Padang|Balikpapan|Manado"
    "|Kupang|Jayapura"
)


def pick(rng: Random, parts: tuple[str, ...]) -> str:
    """One of the parts, each as likely as another."""
    return parts[int(rng.random() * len(parts))]


def institution_name(rng: Random) -> str:
    """A name such as `LKP Bina Mandiri Bandung`."""
    return " ".join(pick(rng, parts) for parts in (_KINDS, _FIRST, _SECOND, _CITIES))


def course_title(rng: Random, category: str) -> str:
    """A title such as `Belajar Microsoft Excel untuk Pemula`."""
    return pick(rng, _FORMS).format(pick(rng, SKILLS[category])) + pick(rng, _AIMS)
