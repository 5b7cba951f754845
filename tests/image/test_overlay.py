"""The files that land verbatim: what is started, and under which accounts."""

from __future__ import annotations

import configparser
import ipaddress
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app import cable
from app.gadget.apply import Gadget
from app.gadget.request import Requests
from app.reboot import Reboot
from tests.image.links import LINKS

OVERLAY = Path(__file__).resolve().parents[2] / "rootfs-overlay"
UNITS = sorted((OVERLAY / "usr/lib/systemd/system").glob("*.service"))
CONFINED = [path for path in UNITS if path.stem != "inkvm-ssh"]
"""All but the shell that the card's owner may ask for."""
EXPOSURE = 17
"""The most that systemd's own audit may find, in tenths."""


def unit(path: Path) -> dict[str, list[str]]:
    """Every setting with all its values, sections left aside."""
    settings: dict[str, list[str]] = {}
    for key, value in re.findall(r"(?m)^(\w+)=(.*)$", path.read_text()):
        settings.setdefault(key, []).append(value)
    return settings


def accounts() -> set[str]:
    """Users and groups that sysusers makes."""
    lines = (OVERLAY / "usr/lib/sysusers.d/inkvm.conf").read_text().splitlines()
    return {line.split()[1] for line in lines if line and not line.startswith("#")}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_unit_is_enabled_where_it_says(path: Path) -> None:
    """The root file system is read-only: the links of `systemctl enable` are part of it."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(path.read_text())
    if path.stem == "inkvm-cable":
        assert f'ENV{{SYSTEMD_WANTS}}+="{path.name}"' in (OVERLAY / "usr/lib/udev/rules.d/70-inkvm.rules").read_text()
        return
    if path.with_suffix(".path").exists() and "Install" not in parser:
        assert f"etc/systemd/system/multi-user.target.wants/{path.with_suffix('.path').name}" in LINKS
        return
    if "Install" not in parser:
        assert f"x-systemd.requires={path.name}" in (OVERLAY / "etc/fstab").read_text()
        return
    link = f"etc/systemd/system/{parser['Install']['WantedBy']}.wants/{path.name}"
    assert LINKS[link] == f"/usr/lib/systemd/system/{path.name}"


def test_every_link_is_in_the_table_and_leads_somewhere() -> None:
    assert [path for path in OVERLAY.rglob("*") if path.is_symlink()] == []
    assert [link for link in LINKS if (OVERLAY / link).exists()] == []
    ours = {target for target in LINKS.values() if "inkvm" in Path(target).name}
    assert [target for target in ours if not (OVERLAY / target.lstrip("/")).exists()] == []


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_accounts_exist(path: Path) -> None:
    settings = unit(path)
    named = settings.get("User", []) + " ".join(settings.get("SupplementaryGroups", [])).split()
    assert set(named) <= accounts() | {"video", "systemd-journal"}


def test_a_reboot_that_the_daemon_asks_for_happens(tmp_path: Path) -> None:
    """The path unit watches what the daemon writes, and is enabled."""
    (watched,) = unit(OVERLAY / "usr/lib/systemd/system/inkvm-reboot.path")["PathChanged"]
    Reboot(tmp_path, tmp_path).request("stuck")
    assert (tmp_path / Path(watched).name).exists()
    link = "etc/systemd/system/multi-user.target.wants/inkvm-reboot.path"
    assert LINKS[link] == "/usr/lib/systemd/system/inkvm-reboot.path"


def test_the_daemon_sees_which_board_and_which_start_it_is() -> None:
    """Both are files of /proc that belong to no process: without them it asks for no reboot, and is like every other device."""
    assert "ProcSubset" not in unit(OVERLAY / "usr/lib/systemd/system/inkvm.service")


def test_a_profile_that_the_daemon_asks_for_is_heard_of(tmp_path: Path) -> None:
    (watched,) = unit(OVERLAY / "usr/lib/systemd/system/inkvm-gadget-profile.path")["PathChanged"]
    Requests(tmp_path, tmp_path, Gadget(tmp_path, "inkvm")).ask(("storage",))
    assert (tmp_path / Path(watched).name).exists()
    assert Path(watched).parent == Path("/var/lib/inkvm")
    link = "etc/systemd/system/multi-user.target.wants/inkvm-gadget-profile.path"
    assert LINKS[link] == "/usr/lib/systemd/system/inkvm-gadget-profile.path"


def test_the_watchdog_is_asked_for_no_more_than_it_counts() -> None:
    """15.99 s on the board; systemd's own choice for a reboot is ten minutes."""
    settings = unit(OVERLAY / "usr/lib/systemd/system.conf.d/inkvm.conf")
    assert (settings["RuntimeWatchdogSec"], settings["RebootWatchdogSec"]) == (["14s"], ["14s"])


def test_a_card_that_is_checked_for_ever_is_left_out() -> None:
    """The check is what the data partition's mount requires, so that memory is chosen in its place; systemd would wait."""
    (limit,) = unit(OVERLAY / "usr/lib/systemd/system/systemd-fsck@.service.d/inkvm.conf")["TimeoutStartSec"]
    assert 60 <= int(limit) <= 600
    (data,) = [line.split() for line in (OVERLAY / "etc/fstab").read_text().splitlines() if " /data " in line]
    assert (data[-1], "nofail" in data[3]) == ("2", True)


def test_the_keyboard_waits_for_no_network_no_partition_and_no_daemon() -> None:
    settings = unit(OVERLAY / "usr/lib/systemd/system/inkvm-gadget.service")
    assert settings["DefaultDependencies"] == ["no"]
    waited = " ".join(settings["After"] + settings["Requires"]).split()
    assert set(waited) == {"sys-kernel-config.mount", "systemd-modules-load.service", "systemd-udevd.service"}
    assert "inkvm.service" in settings["Before"][0].split()
    assert "RequiresMountsFor" not in settings


def test_a_restarted_daemon_takes_no_gadget_along() -> None:
    for path in UNITS:
        bound = {"BindsTo", "PartOf", "Requires", "Requisite", "PropagatesStopTo"} & unit(path).keys()
        if path.name.startswith("inkvm-gadget"):
            assert not any("inkvm" in name for key in bound for name in unit(path)[key])
        else:
            assert not any("inkvm-gadget" in name for key in bound for name in unit(path)[key])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_units_are_what_systemd_understands() -> None:
    units = [*UNITS, *(OVERLAY / "usr/lib/systemd/system").glob("*.path")]
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, units)]
    verdict = subprocess.run(command, capture_output=True, text=True)
    # Settings that are newer than some systemds that check, and programs that only the image has.
    excused = re.compile(
        "RestartSteps|RestartMaxDelaySec|ImportCredential|disconnected|is not executable: No such file"
    )
    assert [line for line in verdict.stderr.splitlines() if "inkvm" in line and not excused.search(line)] == []


def test_only_the_one_shots_are_root() -> None:
    roots = [path for path in CONFINED if not {"User", "DynamicUser"} & unit(path).keys()]
    assert [path.stem for path in roots] == [
        "inkvm-access",
        "inkvm-country",
        "inkvm-data",
        "inkvm-firstrun",
        "inkvm-gadget-profile",
        "inkvm-gadget",
        "inkvm-grow",
    ]
    assert {kind for path in roots for kind in unit(path)["Type"]} == {"oneshot"}


def test_account_numbers_are_fixed() -> None:
    """Files on the data partition outlive the system that named their owner."""
    for line in (OVERLAY / "usr/lib/sysusers.d/inkvm.conf").read_text().splitlines():
        assert line.startswith("#") or re.match(r"[gu] \S+ +\d", line), line


def test_the_network_on_the_cable_is_one_and_the_same_for_all_who_name_it() -> None:
    """NetworkManager gives the device its address there, dnsmasq the target one, and the firewall knows the adapter by its name."""
    connection, wired, manager = (configparser.ConfigParser() for _file in range(3))
    connection.read(OVERLAY / "usr/lib/NetworkManager/system-connections/target.nmconnection")
    wired.read(OVERLAY / "usr/lib/NetworkManager/system-connections/wired.nmconnection")
    manager.read(OVERLAY / "etc/NetworkManager/NetworkManager.conf")
    own = ipaddress.IPv4Interface(connection["ipv4"]["address1"])
    assert str(own.ip) == cable.ADDRESS
    assert (connection["ipv4"]["method"], connection["connection"]["interface-name"]) == ("manual", cable.INTERFACE)
    assert wired["match"]["interface-name"] == f"!{cable.INTERFACE};"
    assert manager["device-target"]["match-device"] == f"interface-name:{cable.INTERFACE}"
    lines = [line.partition("=") for line in (OVERLAY / "etc/inkvm/cable.conf").read_text().splitlines()]
    served = {key: value for key, _, value in lines}
    first, last, mask, _time = served["dhcp-range"].split(",")
    given = {ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)}
    assert given < set(own.network.hosts()) - {own.ip}
    assert mask == str(own.netmask)
    settings = unit(OVERLAY / "usr/lib/systemd/system/inkvm-cable.service")
    assert settings["IPAddressAllow"] == [f"{own.network} 0.0.0.0 255.255.255.255"]
    assert served["interface"] == cable.INTERFACE
    assert settings["BindsTo"] == [f"sys-subsystem-net-devices-{cable.INTERFACE}.device"]
    assert f'NAME="{cable.INTERFACE}"' in (OVERLAY / "usr/lib/udev/rules.d/70-inkvm.rules").read_text()
    assert f'iifname "{cable.INTERFACE}" drop' in (OVERLAY / "etc/nftables.conf").read_text()


def test_the_panel_cannot_type() -> None:
    """It may read the status; the group that may write input reports is not its own."""
    groups = " ".join(unit(OVERLAY / "usr/lib/systemd/system/inkvm-epaper.service")["SupplementaryGroups"]).split()
    assert "inkvm" in groups
    assert "inkvm-hid" not in groups


def test_the_panel_reaches_the_kernel_and_the_daemon_and_nobody_else() -> None:
    settings = unit(OVERLAY / "usr/lib/systemd/system/inkvm-epaper.service")
    assert settings["RestrictAddressFamilies"] == ["AF_NETLINK AF_UNIX"]
    assert settings["IPAddressDeny"] == ["any"]
    assert settings["DeviceAllow"] == ["char-spi rw", "char-gpiochip rw"]
    assert settings["ReadWritePaths"] == ["-/var/lib/inkvm/panel"]


def test_the_panel_finds_its_folder() -> None:
    """Root's one-shot makes it (tests/app/test_prepare.py), and the daemon's start leaves the way to it as it is."""
    (prepared,) = unit(OVERLAY / "usr/lib/systemd/system/inkvm-firstrun.service")["ExecStart"]
    panel = unit(OVERLAY / "usr/lib/systemd/system/inkvm-epaper.service")
    daemon = unit(OVERLAY / "usr/lib/systemd/system/inkvm.service")
    assert prepared.endswith(
        f" -m app.prepare --owner {daemon['User'][0]} --panel {panel['User'][0]} --clock systemd-timesync"
    )
    assert daemon["StateDirectoryMode"] == ["0710"]


def test_no_secret_is_shipped() -> None:
    for path in OVERLAY.rglob("*"):
        if path.is_file():
            assert not re.search(r"(?i)password\s*=|BEGIN [A-Z ]*PRIVATE KEY|INKVM_ADMIN_PASSWORD", path.read_text()), (
                path
            )


@pytest.mark.parametrize("path", CONFINED, ids=lambda path: path.name)
def test_units_name_the_same_protections(path: Path) -> None:
    """None is forgotten where another has it."""
    everywhere = {
        "NoNewPrivileges",
        "ProtectSystem",
        "ProtectHome",
        "ProtectProc",
        "RestrictNamespaces",
        "LockPersonality",
    }
    everywhere |= {"MemoryDenyWriteExecute", "SystemCallFilter", "SystemCallArchitectures", "CapabilityBoundingSet"}
    assert everywhere <= set(unit(path))


def test_the_daemon_needs_no_privilege_for_its_ports() -> None:
    settings = unit(OVERLAY / "usr/lib/systemd/system/inkvm.service")
    assert settings["CapabilityBoundingSet"] == [""]
    assert "AmbientCapabilities" not in settings
    for name, port in (("https", 443), ("http", 80)):
        given = unit(OVERLAY / f"usr/lib/systemd/system/inkvm-{name}.socket")
        assert given["ListenStream"] == [f"0.0.0.0:{port}", f"[::]:{port}"]
        assert (given["FileDescriptorName"], given["Service"]) == ([name], ["inkvm.service"])


def test_what_the_card_says_is_settled_before_network_daemon_panel_and_shell() -> None:
    """And at the start alone: nothing that the daemon can do starts it again."""
    settings = unit(OVERLAY / "usr/lib/systemd/system/inkvm-firstrun.service")
    later = {"network-pre.target", "inkvm-epaper.service", "inkvm.service", "inkvm-ssh.service"}
    assert later <= set(settings["Before"][0].split())
    assert not any("gadget" in name for name in settings["Before"][0].split())
    profile = unit(OVERLAY / "usr/lib/systemd/system/inkvm-gadget-profile.service")
    assert "inkvm-firstrun.service" in profile["After"][0].split()
    for path in (OVERLAY / "usr/lib/systemd/system").glob("*.path"):
        assert "firstrun" not in path.name
        assert unit(path).get("Unit", [""]) != ["inkvm-firstrun.service"]


def test_the_time_zone_is_what_the_card_says() -> None:
    settings = unit(OVERLAY / "usr/lib/systemd/system/inkvm-firstrun.service")
    assert LINKS["etc/localtime"] == f"/run/{settings['RuntimeDirectory'][0]}/localtime"


def test_there_is_no_shell_unless_the_card_asks() -> None:
    """The package's own services are off for good; ours has a condition that only root's part fulfils."""
    masked = [
        "system/ssh.service",
        "system/sshd.service",
        "system/ssh.socket",
        "system-generators/systemd-ssh-generator",
    ]
    assert {LINKS[f"etc/systemd/{name}"] for name in masked} == {"/dev/null"}
    shell = unit(OVERLAY / "usr/lib/systemd/system/inkvm-ssh.service")
    (keys,) = shell["ConditionPathExists"]
    first = unit(OVERLAY / "usr/lib/systemd/system/inkvm-firstrun.service")
    assert Path(keys).parent == Path("/run") / first["RuntimeDirectory"][0]
    assert shell["BindReadOnlyPaths"] == [f"{Path(keys).with_name('passwd')}:/etc/passwd"]
    config = (OVERLAY / "etc/inkvm/sshd_config").read_text().splitlines()
    assert {f"AuthorizedKeysFile {keys}", "AuthenticationMethods publickey", "PasswordAuthentication no"} <= set(config)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("path", CONFINED, ids=lambda path: path.name)
def test_exposure(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    # The building machine's systemd may be older than this value; it knows the one that is less strict.
    copy.write_text(path.read_text().replace("PrivateTmp=disconnected", "PrivateTmp=yes"))
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", str(copy)]
    audit = subprocess.run(command, capture_output=True, text=True)
    assert audit.returncode == 0, audit.stdout + audit.stderr
