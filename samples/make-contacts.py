#!/usr/bin/env python3
"""Writes samples/contacts.csv: invented contacts of many countries, with a few bad rows and repeats put in on purpose.

usage: make-contacts.py [OUT.csv]      (default: contacts.csv beside this script; the same bytes every time)

samples/README.md says what the file holds; the last line of this script's output says the same in numbers.
"""
import csv
import io
import os
import sys
import unicodedata
from random import Random

ROWS = 1000                     # records below the header: contacts + repeats + bad rows
SEED = 20260131
HEADER = ["email", "phone", "first_name", "last_name", "company", "city", "country", "birthday", "note"]

# Per country: its share of the file, its cities, phone patterns, first names, last names, companies.
# In a phone pattern 'd' is any digit. Where a country keeps numbers for film and theatre, those are used: AU (ACMA), GB (Ofcom),
# US and CA (555-01xx), DE (BNetzA), FR (ARCEP), SE (PTS). Elsewhere they are merely well-formed.
# "native|latin" gives the spelling for e-mail addresses where accents alone do not.
COUNTRIES = {
    "Australia": (130, "Sydney Melbourne Brisbane Perth Hobart Ballarat",
        ["+61 491 570 ddd", "+61491570ddd", "+61 2 5550 0ddd", "+61 3 7010 5ddd"],
        "Olivia Jack Charlotte Noah Isla Mia Lachlan Ruby Kirra Cooper Zoë Matilda",
        "Nguyen Smith O'Brien Wilson Taylor Papadopoulos Campbell Walker D'Arcy Kelly",
        ["Banksia Dental", "Harbour & Sons Pty Ltd", "Kookaburra Books", "Red Gum Joinery", "Southern Cross Freight"]),
    "India": (120, "Pune Mumbai Chennai Bengaluru Kolkata Jaipur",
        ["+91 99999 0dddd", "+9198765dddd0", "+91 98765-4dddd"],
        "Aarav Ananya Rohan Priya Vikram Meera Arjun Kavya अनिल|Anil सुनीता|Sunita Ishaan Lakshmi",
        "Sharma Patel Iyer Banerjee Reddy Kulkarni Singh शर्मा|Sharma D'Souza Nair Deshpande Khan",
        ["Ganga Textiles", "Monsoon Software Pvt. Ltd.", "Patel, Shah & Associates", "Saffron Kitchens", "Deccan Tools"]),
    "Germany": (110, "Berlin München Köln Düsseldorf Hamburg Görlitz",
        ["+49 30 23125 ddd", "+493023125ddd", "+49 69 90009 ddd", "+49 89 99998 ddd", "+49 (221) 4710-ddd", "+49 171 39200dd"],
        "Lukas Jürgen Sören Anna-Lena Käthe Finn Mia Björn Ursula Jörg Emilia Max",
        "Müller Weiß Schröder Groß Jäger Böhm Krüger Schäfer Hoffmann Vogel Köhler",
        ["Müller, Söhne & Co. KG", 'Café "Zum Löwen"', "Nordlicht GmbH", "Bäckerei Krüger", "Isar Optik AG"]),
    "France": (85, "Paris Lyon Marseille Bordeaux Orléans Besançon",
        ["+33 1 99 00 dd dd", "+3319900dddd", "+33 2 61 91 dd dd", "+33 3 53 01 dd dd", "+33 4 65 71 dd dd"],
        "Chloé Léa Théo Hélène François Jérôme Aurélie Louis Inès Maëlys Étienne Camille",
        "Lefèvre Dubois Béranger Moreau Girard Rousseau Leclerc D'Aubigné Garçon Marchand",
        ["Boulangerie de l'Étoile", 'Librairie "Le Petit Prince"', "Dupont, Martin et Fils", "Océane Voyages"]),
    "United Kingdom": (110, "London Manchester Leeds Bristol Cardiff Edinburgh",
        ["+44 20 7946 0ddd", "+442079460ddd", "+44 161 496 0ddd", "+44 113 496 0ddd", "+44 117 496 0ddd"],
        "Amelia George Isla Harry Siân Oliver Poppy Alfie Niamh Rhys Eilidh Freya",
        "Jones Davies MacDonald O'Neill Patel Hughes Evans Clarke Fraser-Smith Begum",
        ["Thames & Tyne Ltd", "Wright, Wong & Partners", 'The "Old Mill" Tea Room', "Pennine Cycles", "Larkspur Studios"]),
    "United States": (120, "Austin Chicago Denver Portland Boston Honolulu",
        ["+1 512-555-01dd", "+1 (312) 555-01dd", "+130355501dd", "+1 503 555 01dd", "+1 617.555.01dd"],
        "Emma Liam Sofía Mason Ava Ethan José Harper Jackson Madison Noelle DeShawn",
        "Johnson Garcia Núñez Williams Brown Martinez Lee Hernandez Washington Kealoha McCarthy",
        ["Acorn & Oak, Inc.", "Blue Mesa Outfitters", 'Joe\'s "World Famous" Diner', "Lakeside Robotics, LLC", "Sunrise Pediatrics"]),
    "Canada": (30, "Toronto Montréal Vancouver",
        ["+1 416-555-01dd", "+1 514 555 01dd", "+160455501dd"],
        "Félix Maude Liam Zoé Logan Élodie", "Tremblay Gagnon Roy MacLeod Bouchard Chan",
        ["Maple & Birch Co.", "Érablière du Nord"]),
    "Brazil": (70, "São Paulo|Recife|Brasília|Goiânia|Florianópolis",
        ["+55 11 98ddd-dddd", "+558199ddddddd", "+55 (61) 98ddd-dddd"],
        "João Conceição Luís Thaís Antônio Letícia Caio Fabrício Bruna Mateus",
        "Gonçalves Araújo Silva Souza Magalhães Falcão Pereira Brandão",
        ["Padaria São Jorge", "Açaí & Cia", "Irmãos Gonçalves, Ltda."]),
    "Poland": (50, "Warszawa Kraków Łódź Wrocław Gdańsk",
        ["+48 501 ddd ddd", "+48602dddddd"],
        "Łukasz Agnieszka Święcisława Jacek Małgorzata Wojciech Żaneta Paweł",
        "Wójcik Kowalski Śliwińska Dąbrowski Źrebiec Łęcka Nowak Szczęsny",
        ["Żubr Sp. z o.o.", "Księgarnia Źródło"]),
    "Japan": (45, "東京|大阪|札幌|京都",
        ["+81 90-3ddd-dddd", "+81802ddddddd"],
        "太郎|Taro 花子|Hanako 健|Ken さくら|Sakura 翔|Sho 美咲|Misaki", "佐藤|Sato 鈴木|Suzuki 高橋|Takahashi 渡辺|Watanabe 伊藤|Ito",
        ["株式会社さくら", "ふじ商店"]),
    "Türkiye": (35, "İstanbul Ankara İzmir Diyarbakır",
        ["+90 532 ddd dd dd", "+90533ddddddd"],
        "Işıl Çağrı Ömer Şeyma İbrahim Gülşen", "Yılmaz Öztürk Çelik Şahin Güneş Kılıç",
        ["Boğaziçi Lokantası", "Işık Elektrik A.Ş."]),
    "Greece": (20, "Αθήνα Θεσσαλονίκη", ["+30 210 12d dddd", "+30210456dddd"],
        "Γιώργος|Giorgos Ελένη|Eleni Νίκος|Nikos", "Παππάς|Pappas Νικολάου|Nikolaou Οικονόμου|Oikonomou", ["Ταβέρνα Ο Ήλιος"]),
    "Ukraine": (25, "Київ Львів Одеса", ["+380 50 ddd dd dd", "+38067ddddddd"],
        "Олена|Olena Тарас|Taras Ірина|Iryna Богдан|Bohdan", "Шевченко|Shevchenko Коваленко|Kovalenko Бойко|Boiko", ["Кав'ярня Сонце"]),
    "Korea, Republic of": (20, "서울 부산", ["+82 10-3ddd-dddd", "+82104ddddddd"],
        "민준|Minjun 서연|Seoyeon 지훈|Jihun", "김|Kim 이|Lee 박|Park", ["한강 소프트"]),
    "Egypt": (15, "القاهرة الإسكندرية", ["+20 100 ddd dddd", "+20101ddddddd"],
        "أحمد|Ahmed فاطمة|Fatma يوسف|Youssef", "حسن|Hassan السيد|Elsayed منصور|Mansour", ["مكتبة النيل"]),
    "Sweden": (15, "Malmö Göteborg Östersund", ["+46 8 465 004 dd", "+4684650040d"],
        "Åsa Björn Märta Göran", "Åkesson Sjöberg Ångström Öberg", ["Ål & Äpple AB"]),
}

NOTES = [
    "Prefers e-mail", "Met at the spring fair", "Call after 6 pm", "VIP", "Asked for the price list, twice", "Allergic to nuts",
    'Says "maybe next year"', "Delivery: ring twice\nLeave with the neighbour", "Wants invoices by post,\nin two copies", "Süße Grüße 🎂",
    "Likes “smart quotes” – and dashes", "née Müller", "First line\n\nThird line", "100 % satisfied", "-10 % agreed", "Sehr zufrieden; kommt wieder",
]

# Rows that Muster must refuse, with the reason; None stands for a record written as it is, since no CSV writer would produce it.
# {n} keeps the lines apart.
BAD = [
    ("no @ in the address", ["jane.doe.example.com", "+61 491 570 006", "Jane", "Doe", "", "Sydney", "Australia", "1984-03-12", ""]),
    ("two @ in the address", ["ravi@@example.com", "+91 98765 43210", "Ravi", "Menon", "Ganga Textiles", "Pune", "India", "1990-07-01", ""]),
    ("a space in the address", ["tom brown@example.org", "", "Tom", "Brown", "", "Leeds", "United Kingdom", "", "Met at the spring fair"]),
    ("no address, which is the match key", ["", "+49 30 23125 001", "Klaus", "Niemand", "Nordlicht GmbH", "Berlin", "Germany", "1971-11-30", ""]),
    ("phone number too short", ["short.number@example.com", "+44 20 7946", "Sam", "Short", "", "London", "United Kingdom", "", ""]),
    ("phone number too long", ["long.number@example.com", "+61 491 570 156 789 012", "Lou", "Long", "", "Perth", "Australia", "", ""]),
    ("words for a phone number", ["front.desk@example.net", "+1 ask reception", "Pat", "Lee", "Sunrise Pediatrics", "Denver", "United States", "", ""]),
    ("phone number rounded by a spreadsheet", ["rounded@example.net", "4.42079E+11", "Erin", "Cell", "", "Bristol", "United Kingdom", "", ""]),
    ("a country code that nobody has", ["nowhere@example.com", "+999 123 456 789", "Nemo", "Nobody", "", "", "", "", ""]),
    ("a comma outside quotes: one cell too many", None,
        "olga@example.org,+380 50 123 45 67,Olga,Boiko,Coffee, Tea and More,Kyiv,Ukraine,1988-02-29,"),
    ("text after a closing quote", None,
        'miguel@example.com,+1 512-555-0142,"Miguel" Ángel,Santos,Blue Mesa Outfitters,Austin,United States,1979-05-05,'),
    ("the header again", HEADER),
]
REPEATS = 10

random = Random(SEED)


def below(n):
    """A whole number in [0, n). Built on random() alone, whose sequence Python promises to keep."""
    return int(random.random() * n)


def pick(items):
    return items[below(len(items))]


def names(text):
    """'a|b' pairs separated by spaces: (as written, in Latin letters)."""
    return [(word.partition("|")[0], word.partition("|")[2] or word) for word in text.split()]


def cities(text):
    return text.split("|") if "|" in text else text.split()


def ascii_of(text):
    for letter, latin in {"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "ı": "i", "İ": "I"}.items():
        text = text.replace(letter, latin)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in plain.lower() if c.isalnum() or c == "-").strip("-")


def make_phone(patterns, taken):
    """A number nobody in the file has yet. A range of 100 numbers may be used up: then the next pattern is tried."""
    while True:
        phone = "".join(str(below(10)) if c == "d" else c for c in pick(patterns))
        digits = "".join(filter(str.isdigit, phone))
        if digits not in taken:
            taken.add(digits)
            return phone


def make_contact(country, addresses, phones):
    _, towns, patterns, first_names, last_names, companies = COUNTRIES[country]
    first, first_latin = pick(names(first_names))
    last, last_latin = pick(names(last_names))
    company = pick(companies) if random.random() < 0.55 else ""
    stem = pick(["{f}.{l}", "{f}{l}", "{i}.{l}", "{f}_{l}", "{l}.{f}"]).format(
        f=ascii_of(first_latin), l=ascii_of(last_latin), i=ascii_of(first_latin)[0])
    domain = pick(["example.com", "example.com", "example.org", "example.net", "mail.example.com", "post.example.net"])
    address, number = f"{stem}@{domain}", 1
    while address in addresses:
        number += 1
        address = f"{stem}{number}@{domain}"
    addresses.add(address)
    birthday = f"{1940 + below(66)}-{1 + below(12):02}-{1 + below(28):02}" if random.random() < 0.7 else ""
    return [address, make_phone(patterns, phones) if random.random() < 0.92 else "", first, last, company, pick(cities(towns)),
            country, birthday, pick(NOTES) if random.random() < 0.3 else ""]


def repeat_of(row, kind):
    """The same person once more: the same address and number, in another dress."""
    again = list(row)
    if kind % 3 == 1:
        again[0] = again[0].upper()
    elif kind % 3 == 2:
        again[1] = "+" + "".join(filter(str.isdigit, again[1]))
        again[8] = "Entered twice"
    return again


def record(row):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(row)
    return out.getvalue()


def main(path):
    addresses, phones = {row[0] for _, row, *_ in BAD if row}, {"61491570006", "919876543210", "493023125001", "380501234567", "15125550142"}
    shares = [country for country, entry in COUNTRIES.items() for _ in range(entry[0])]
    contacts = [make_contact(shares[i * len(shares) // (ROWS - len(BAD) - REPEATS)], addresses, phones)
                for i in range(ROWS - len(BAD) - REPEATS)]
    for i in range(len(contacts) - 1, 0, -1):
        j = below(i + 1)
        contacts[i], contacts[j] = contacts[j], contacts[i]

    # Repeats come some way below their first row, bad rows are spread evenly.
    records = [record(row) for row in contacts]
    with_phone = [i for i, row in enumerate(contacts) if row[1]]
    extra = []
    for kind in range(REPEATS):
        first = with_phone[kind * 70 + 20]
        extra.append((first + 15 + below(60), record(repeat_of(contacts[first], kind))))
    for number, (_, row, *raw) in enumerate(BAD):
        extra.append((40 + number * 77, record(row) if row else raw[0] + "\n"))
    for position, text in sorted(extra, reverse=True):
        records.insert(position, text)

    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(record(HEADER) + "".join(records))
    print(f"{len(records)} rows: {len(contacts)} contacts, {REPEATS} repeats, {len(BAD)} bad")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "contacts.csv"))
