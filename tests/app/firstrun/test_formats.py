"""The three formats, key by key, and the words of every refusal."""

from __future__ import annotations

from functools import partial

import pytest

from app.chance import Chance
from app.firstrun import files, formats, schema
from app.firstrun.customisation import Customisation, Refused, User, Wifi
from app.firstrun.formats import World
from tests.app.firstrun.bench import FULL, KEY, WORLD

CRYPT = "$6$rounds=5000$saltsalt$" + "a" * 86
PSK = "0123456789abcdef" * 4
PRESEED, IMAGER = "config_version = '1.1'\n", "config_version = 1\n"


def wanted(text: str, file: str = "inkvm.toml", world: World = WORLD) -> Customisation:
    return formats.read(file, text.encode(), world).wanted


def words(text: str, file: str = "inkvm.toml", world: World = WORLD) -> str:
    with pytest.raises(Refused) as caught:
        formats.read(file, text.encode(), world)
    return str(caught.value)


def test_ours() -> None:
    found = wanted(FULL)
    assert (found.hostname, found.timezone, found.country) == ("kvm-rack3", "Europe/Berlin", "DE")
    assert found.user == User("ann", "hash of 16")
    assert found.keys == (KEY,)
    assert found.wifi == (
        Wifi(b"workshop", "the very first secret"),
        Wifi(
            b"attic", "other secret", True, ("192.168.1.50/24", "fd00::5/64"), ("192.168.1.1",), ("192.168.1.1", "fd00::1")
        ),
    )  # fmt: skip
    assert found.extras == ("network", "storage")
    assert found.settings == (("panel.version", "v3"), ("panel.reset", 5))


@pytest.mark.parametrize(("file", "head"), [("rpi-preseed.toml", PRESEED), ("custom.toml", IMAGER)])
def test_those_of_raspberry_pi_imager(file: str, head: str) -> None:
    text = f"""{head}
[system]
hostname = "kvm"
[user]
name = "pi"
password = "{CRYPT}"
password_encrypted = true
[ssh]
enabled = true
password_authentication = false
authorized_keys = ["{KEY}"]
[wlan]
ssid = "home"
password = "{PSK}"
password_encrypted = true
hidden = true
country = "GB"
[locale]
keymap = "gb"
timezone = "Europe/Berlin"
"""
    read = formats.read(file, text.encode(), WORLD)
    assert read.wanted == Customisation(
        "kvm", "Europe/Berlin", "GB", User("pi", CRYPT), (KEY,), (Wifi(b"home", PSK, True),), (("hid.keymap", "gb"),)
    )
    assert read.warnings == ("key 'ssh.password_authentication' is not used",)
    assert read.secrets == {("user", "password"): CRYPT, ("wlan", "password"): PSK}


def test_a_name_in_hexadecimal_comes_first() -> None:
    assert wanted(f"{PRESEED}[wlan]\nssid = '?'\nssid_hex = 'ff0A'", "rpi-preseed.toml").wifi == (Wifi(b"\xff\n"),)
    assert wanted("[wifi]\nssid_hex = 'ff'").wifi == (Wifi(b"\xff"),)


def test_one_section_or_several() -> None:
    assert wanted("[wifi]\nssid = 'a'").wifi == wanted("[[wifi]]\nssid = 'a'").wifi == (Wifi(b"a"),)
    assert [each.ssid for each in wanted("wifi = [{ssid = 'a'}, {ssid = 'b'}]").wifi] == [b"a", b"b"]


def test_an_empty_file_asks_for_nothing() -> None:
    assert wanted("") == wanted("# nothing\n[wifi]\n[user]\n") == Customisation()


def test_a_password_is_a_hash_when_it_looks_like_one_or_is_said_to_be() -> None:
    assert wanted(f"[user]\nname='a'\npassword='{CRYPT}'").user == User("a", CRYPT)
    assert wanted(f"[user]\nname='a'\npassword='{CRYPT}'\npassword_encrypted=false").user == User("a", "hash of 110")
    assert wanted("[user]\nname='a'").user == User("a", "")


def test_a_shell_needs_a_yes_and_a_key() -> None:
    for text, words in (
        (f"[ssh]\nauthorized_keys = ['{KEY}']", "keys are listed and 'ssh.enabled' is not true: no shell"),
        (
            f"[ssh]\nenabled = false\nauthorized_keys = ['{KEY}']",
            "keys are listed and 'ssh.enabled' is not true: no shell",
        ),
        ("[ssh]\nenabled = true", "key 'ssh.enabled' is true and no key is listed: no shell"),
    ):
        read = formats.read("inkvm.toml", text.encode(), WORLD)
        assert (read.wanted.keys, read.warnings) == ((), (words,))


def test_what_is_not_known_is_listed_without_its_value() -> None:
    text = f"{PRESEED}x = 'secret'\n[connect]\ntoken = 'secret'\n[wlan]\nssid = 'a'\naddress = ['10.0.0.1/8']\n[[list]]\na = 1\n"
    assert formats.read("rpi-preseed.toml", text.encode(), WORLD).warnings == (
        "key 'x' is not used", "key 'list' is not used", "key 'connect.token' is not used", "key 'wlan.address' is not used",
    )  # fmt: skip
    many = "".join(f"k{number} = 1\n" for number in range(100)) + '"' + "\\n" * 60 + '" = 1\n'
    warnings = formats.read("inkvm.toml", many.encode(), WORLD).warnings
    assert len(warnings) == 9
    assert warnings[-1] == "and 93 more"
    assert all(line.isprintable() and len(line) < 80 for line in warnings)


def test_a_secret_that_is_not_used_leaves_the_card_as_well() -> None:
    text = f"{PRESEED}[connect]\ntoken = 'abc def'\n"
    found = formats.read("rpi-preseed.toml", text.encode(), WORLD)
    assert found.secrets == {("connect", "token"): "abc def"}
    assert formats.read("inkvm.toml", text.encode(), WORLD).secrets == {}


def test_the_time_servers_of_the_other_format() -> None:
    assert wanted(f"{PRESEED}[time]\nntp = ['ntp.example.org']\n", "rpi-preseed.toml").time_servers == (
        "ntp.example.org",
    )


@pytest.mark.parametrize("name", ["psk", "passphrase"])
def test_a_passphrase_under_another_name_does_not_make_an_open_network(name: str) -> None:
    expected = "is not known, expected 'wifi.password'"
    assert words(f"{_WIFI}{name} = 'eight ch'") == f"key 'wifi.{name}' {expected}"
    assert (
        words(f"[[wifi]]\nssid = 'b'\n[{_WIFI.replace(']', ']]', 1)}{name} = 1")
        == f"network 2: key 'wifi.{name}' {expected}"
    )
    assert words(f"{PRESEED}[wlan]\nssid = 'a'\n{name} = 'x'", "rpi-preseed.toml").endswith("expected 'wlan.password'")


_ADDRESS = "expected a list of addresses with prefix such as '192.168.1.50/24'"
_WIFI = "[wifi]\nssid = 'a'\n"
_STATIC = f"{_WIFI}address = ['10.0.0.5/24', 'fd00::5/64']\n"
_PLAIN = "key 'wifi.password' has value (not shown), expected "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[system]\nhostname = 'a_b'", "key 'system.hostname' has value 'a_b', expected letters, digits and hyphens: at most 63"),
        ("[system]\nhostname = 'a.b'", "key 'system.hostname' has value 'a.b', expected letters"),
        ("[system]\nhostname = '-a'", "key 'system.hostname' has value '-a', expected letters"),
        ("[system]\nhostname = ''", "key 'system.hostname' has value '', expected letters"),
        ("[system]\nhostname = 'localhost'", "key 'system.hostname' has value 'localhost', expected letters"),
        (f"[system]\nhostname = '{'h' * 64}'", f"key 'system.hostname' has value '{'h' * 56}..., expected letters"),
        ('[system]\nhostname = "a\\nb"', "key 'system.hostname' has value 'a\\nb', expected letters"),
        ("[system]\nhostname = 3", "key 'system.hostname' has value 3, expected letters"),
        ("[system]\nhostname = {a = 1}", "key 'system.hostname' has value {'a': 1}, expected letters"),
        ("[system]\ntimezone = 'Mars/Crater'", "key 'system.timezone' has value 'Mars/Crater', expected a time zone such as"),
        ("[system]\ntimezone = '../../etc'", "key 'system.timezone' has value '../../etc', expected a time zone such as"),
        ("[system]\ntime_servers = 'ntp.example.org'", "key 'system.time_servers' has value 'ntp.example.org', expected a list of 1 to 4"),
        ("[system]\ntime_servers = []", "key 'system.time_servers' has value [], expected a list of 1 to 4"),
        ("[system]\ntime_servers = ['-x']", "key 'system.time_servers' has value ['-x'], expected a list of 1 to 4 names or addresses"),
        ("[system]\ntime_servers = ['a b']", "key 'system.time_servers' has value ['a b'], expected a list"),
        ("[system]\ntime_servers = ['a$(reboot)']", "key 'system.time_servers' has value ['a$(reboot)'], expected a list"),
        ("[system]\ntime_servers = ['a', 'b', 'c', 'd', 'e']", "key 'system.time_servers' has value ['a', 'b', 'c', 'd', 'e'], expected a list"),
        ("[system]\ncountry = 'de'", "key 'system.country' has value 'de', expected two capital letters such as 'DE'"),
        ("system = 3", "key 'system' is no section, expected [system] and its keys"),
        ("[[system]]\nhostname = 'a'", "key 'system' is no section, expected [system] and its keys"),
        ("wifi = 'a'", "key 'wifi' is no section, expected [wifi] and its keys"),
        ("[user]\nname = 'Ann'", "key 'user.name' has value 'Ann', expected a lower-case letter, then at most 31 of"),
        ("[user]\npassword = 'secret of ten'", "key 'user.name' has value '', expected a name for whose password there is"),
        (
            "[user]\nname = 'a'\npassword = 'secret of ten'\npassword_encrypted = true",
            "key 'user.password' has value (not shown), expected a hash of crypt(3) that begins with",
        ),
        (
            "[user]\nname = 'a'\npassword = '$6$only a beginning'\npassword_encrypted = true",
            "key 'user.password' has value (not shown), expected a hash of crypt(3) that begins with",
        ),
        ("[user]\npassword_encrypted = 'secret of ten'", "key 'user.password_encrypted' has value (not shown), expected true or false"),
        ("[user]\nname = 'a'\npassword = 3", "key 'user.password' has value (not shown), expected at least 10 characters"),
        (
            "[user]\nname = 'a'\npassword = '**********'",
            "key 'user.password' has value (not shown), expected the password itself: no earlier one of this user is known",
        ),
        (
            "[usb]\nextras = ['serial', 'network']",
            "key 'usb.extras' has value ['serial', 'network'], expected a list of 'storage', 'serial' and 'network', at most one of",
        ),
        ("[usb]\nextras = ['disk']", "key 'usb.extras' has value ['disk'], expected a list of 'storage', 'serial' and 'network'"),
        ("[usb]\nextras = [[]]", "key 'usb.extras' has value [[]], expected a list of 'storage', 'serial' and 'network'"),
        ("[usb]\nextras = 'network'", "key 'usb.extras' has value 'network', expected a list of"),
        ("[ssh]\nenabled = 'yes'", "key 'ssh.enabled' has value 'yes', expected true or false"),
        ("[ssh]\nauthorized_keys = 'x'", "key 'ssh.authorized_keys' has value 'x', expected a list of public keys"),
        (
            f"[ssh]\nauthorized_keys = ['command=\"x\" {KEY}']",
            "key 'ssh.authorized_keys' has value ['command=\"x\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZSB..., expected a list",
        ),
        ("[ssh]\nauthorized_keys = ['ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIBJx0Qm6']", "key 'ssh.authorized_keys' has value"),
        *(
            (f'[ssh]\nauthorized_keys = ["{KEY}{end}{KEY}"]', "key 'ssh.authorized_keys' has value")
            for end in ("\\n", " \\r", " \\u2028", " \\u0007")
        ),
        ("[wifi]\npassword = 'secret of ten'", "key 'wifi.ssid' has value '', expected the name of the network"),
        (f"[wifi]\nssid = '{'é' * 17}'", "key 'wifi.ssid' has value 'ééééééééééééééééé', expected 1 to 32 bytes of text"),
        ("[wifi]\nssid_hex = 'fff'", "key 'wifi.ssid_hex' has value 'fff', expected 2 to 64 hexadecimal digits"),
        (f"{_WIFI}password = 'seven77'", f"{_PLAIN}8 to 63 bytes without control characters, or 64 hexadecimal digits"),
        (f"{_WIFI}password = '{'x' * 64}'", f"{_PLAIN}8 to 63 bytes"),
        (f'{_WIFI}password = "eight\\tch"', f"{_PLAIN}8 to 63 bytes"),
        ("[[wifi]]\nssid = 'a'\n[[wifi]]\nssid_hex = '61'", "key 'wifi.ssid' has value '61', expected each network once"),
        ("[[wifi]]\n" * 17, "section '[[wifi]]' is there 17 times, expected at most 16"),
        (f"{_WIFI}address = ['10.0.0.5']", f"key 'wifi.address' has value ['10.0.0.5'], {_ADDRESS}"),
        (f"{_WIFI}address = ['10.0.0.0/24']", f"key 'wifi.address' has value ['10.0.0.0/24'], {_ADDRESS}"),
        (f"{_WIFI}address = ['10.0.0.255/24']", "key 'wifi.address' has value ['10.0.0.255/24'], expected"),
        (f"{_WIFI}address = ['127.0.0.1/8']", "key 'wifi.address' has value ['127.0.0.1/8'], expected"),
        (f"{_WIFI}address = ['0.0.0.0/0']", "key 'wifi.address' has value ['0.0.0.0/0'], expected"),
        (f"{_WIFI}gateway = ['10.0.0.1']", "key 'wifi.gateway' has value '10.0.0.1', expected another machine in the network"),
        (f"{_STATIC}gateway = ['10.0.1.1']", "key 'wifi.gateway' has value '10.0.1.1', expected another machine in the network"),
        (f"{_STATIC}gateway = ['10.0.0.5']", "key 'wifi.gateway' has value '10.0.0.5', expected another machine"),
        (f"{_STATIC}gateway = ['10.0.0.1', '10.0.0.2']", "expected one for IPv4 and one for IPv6 at most"),
        (f"{_WIFI}dns = ['dns.example']", "key 'wifi.dns' has value ['dns.example'], expected a list of addresses such as"),
        ("[panel]\nversion = 'v5'", "key 'panel.version' has value 'v5', expected v2, v3 or v4"),
        ("[panel", "the file is not TOML: Expected ']' at the end of a table declaration (at end of document), expected sections"),
        ("a = " + "[" * 5000, "the file is nested too deeply, expected sections of keys as in the sample"),
        ("a = " + "1" * 5000, "the file is not TOML: Exceeds the limit (4300 digits)"),
    ],
)  # fmt: skip
def test_a_refusal_names_key_value_and_what_is_accepted(text: str, expected: str) -> None:
    said = words(text)
    assert expected in said
    assert ", expected " in said
    assert said.isprintable()
    assert "secret of ten" not in said


def test_of_several_networks_a_refusal_says_which() -> None:
    first, second = "[[wifi]]\nssid = 'a'\n", "[[wifi]]\nssid = 'b'\npassword = '{}'\n"
    for secret in ("seven77", "********"):
        assert words(first + second.format(secret)).startswith(
            "network 2: key 'wifi.password' has value (not shown), expected"
        )
        assert words("[[wifi]]\n" + second.format(secret)).startswith("network 2: key 'wifi.password'")
        assert words(second.format(secret)).startswith("key 'wifi.password'")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "key 'config_version' is missing, expected 1 or '1.x'"),
        ("config_version = '2.0'", "key 'config_version' has value '2.0', expected 1 or '1.x'"),
        ("config_version = true", "key 'config_version' has value True, expected 1 or '1.x'"),
        (f"{PRESEED}[wlan]\nssid = 'a'\npassword = 'eight ch'\npassword_encrypted = true", "key 'wlan.password' has value (not shown), expected 64 hex"),
        (f"{PRESEED}[wlan]\nssid = 'a'\npassword = 'eight ch'\nkey_mgmt = 'sae'", "key 'wlan.key_mgmt' has value 'sae', expected wpa-psk or none: this radio cannot"),
        (f"{PRESEED}[wlan]\nssid = 'a'\nkey_mgmt = 'wpa-psk'", "key 'wlan.password' has value (not shown), expected a password"),
        (f"{PRESEED}[wlan]\nssid = 'a'\npassword = 'eight ch'\nkey_mgmt = 'none'", "key 'wlan.password' has value (not shown), expected no password"),
        (f"{PRESEED}[locale]\nkeymap = 'Not one'", "key 'locale.keymap' has value 'Not one', expected a layout such as"),
        (f"{PRESEED}[[wlan]]\nssid = 'a'", "key 'wlan' is no section, expected [wlan] and its keys"),
    ],
)  # fmt: skip
def test_refusals_speak_of_the_format_s_own_names(text: str, expected: str) -> None:
    assert words(text, "rpi-preseed.toml").startswith(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[wifi]\nssid='a'".encode("utf-16"), "the file is in UTF-16 or not text, expected UTF-8 (in Notepad: Save as, Encoding)"),
        ("[wifi]\nssid='a'".encode("utf-16-le"), "the file is in UTF-16 or not text, expected UTF-8"),
        (b"[wifi]\nssid = 'caf\xe9'", "line 2 has a byte that is not UTF-8, expected UTF-8 text"),
    ],
)  # fmt: skip
def test_other_encodings_are_called_by_their_name(content: bytes, expected: str) -> None:
    with pytest.raises(Refused, match="expected UTF-8") as caught:
        formats.read("inkvm.toml", content, WORLD)
    assert str(caught.value).startswith(expected)


def test_what_notepad_writes_is_read() -> None:
    found = formats.read("inkvm.toml", b"\xef\xbb\xbf[wifi]\r\nssid = 'a'\r\npassword = 'eight ch'\r\n", WORLD).wanted
    assert found.wifi == (Wifi(b"a", "eight ch"),)


def test_asterisks_stand_for_the_same_user_s_and_the_same_network_s_secret() -> None:
    world = World(Customisation(user=User("ann", "h"), wifi=(Wifi(b"a", "eight ch"),)), WORLD.is_zone, WORLD.hashed)
    text = "[user]\nname='ann'\npassword='***'\n[wifi]\nssid='a'\npassword='********'"
    found = wanted(text, world=world)
    assert found.user == User("ann", "h")
    assert found.wifi == (Wifi(b"a", "eight ch"),)
    assert formats.read("inkvm.toml", text.encode(), world).secrets == {}
    assert "user.password" in words(text.replace("ann", "bob"), world=world)
    assert "wifi.password" in words(text.replace("'a'", "'b'"), world=world)


def test_a_weak_password_is_refused_with_the_reason() -> None:
    from app.firstrun.run import _hashed

    world = World(Customisation(), WORLD.is_zone, partial(_hashed, Chance()))
    said = words("[user]\nname = 'a'\npassword = 'short'", world=world)
    assert (
        said == "key 'user.password' has value (not shown), expected a better one: a password has 10 to 256 characters"
    )


def test_every_key_of_every_format_is_used() -> None:
    """A row without effect would be a promise: a value that is not accepted is refused under that name."""
    for file in files.FORMATS:
        for name in schema.known_in(file):
            section, _, key = name.rpartition(".")
            head = "" if file == "inkvm.toml" or not section else PRESEED
            text = f"{head}[{section}]\n{key} = 1.5\n" if section else f"{key} = 1.5\n"
            assert words(text, file).startswith(f"key '{name}' has value")
