"""Checks of Compose files, for which checkov has none of its own.

checkov reads this file as a folder of external checks: each runs on every
service of every YAML file that has services.
"""

import posixpath
import re

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.yaml_doc.base_yaml_check import BaseYamlCheck
from checkov.yaml_doc.enums import BlockType


class ServiceCheck(BaseYamlCheck):
    """A check of one service at a time."""

    def __init__(self, id, name, holds):
        self.holds = holds
        super().__init__(
            name=name,
            id=id,
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_entities=["services"],
            block_type=BlockType.ARRAY,
        )

    def scan_entity_conf(self, conf, entity_type):
        if not isinstance(conf, dict):
            return CheckResult.UNKNOWN, conf
        return (CheckResult.PASSED if self.holds(conf) else CheckResult.FAILED), conf


def words(service, key):
    """Returns the entries of a list of strings, as Compose allows to write it."""
    value = service.get(key) or []
    return [str(entry) for entry in (value if isinstance(value, list) else [value])]


def ordinary_user(service):
    user = str(service.get("user", "")).split(":")[0]
    return user not in ("", "0", "root")


def confined(service):
    namespaces = (service.get(key) for key in ("cgroup", "ipc", "network_mode", "pid", "userns_mode", "uts"))
    return not service.get("privileged") and "host" not in namespaces and not service.get("devices")


def without_capabilities(service):
    return "ALL" in (entry.upper() for entry in words(service, "cap_drop")) and not words(service, "cap_add")


def keeps_privileges(service):
    options = words(service, "security_opt")
    return not any("unconfined" in entry for entry in options) and any(re.fullmatch(r"no-new-privileges([:=]true)?", entry) for entry in options)


def without_engine(service):
    for volume in service.get("volumes") or []:
        source = volume.get("source", "") if isinstance(volume, dict) else str(volume).split(":")[0]
        if re.search(r"(docker|podman|containerd)\.sock", str(volume)) or posixpath.normpath(str(source)) in ("/", "/run", "/var", "/var/run"):
            return False
    return True


def built_from_file(service):
    build = service.get("build")
    return not (isinstance(build, dict) and "dockerfile_inline" in build)


def local_ports(service):
    for port in service.get("ports") or []:
        host = port.get("host_ip", "") if isinstance(port, dict) else str(port)
        if not re.match(r"(127\.\d+\.\d+\.\d+|\[?::1\]?)(:|$)", host):
            return False
    return True


def pinned(service):
    return "build" in service or bool(re.search(r"@sha256:[0-9a-f]{64}$", str(service.get("image", ""))))


def limited(service):
    limits = ((service.get("deploy") or {}).get("resources") or {}).get("limits") or {}
    return ("mem_limit" in service or "memory" in limits) and ("pids_limit" in service or "pids" in limits)


CHECKS = [
    ServiceCheck("COMPOSE_USER", "The service names a user that is not root", ordinary_user),
    ServiceCheck("COMPOSE_CONFINED", "The service shares no devices or namespaces with the host and is not privileged", confined),
    ServiceCheck("COMPOSE_CAPABILITIES", "The service drops all capabilities and adds none", without_capabilities),
    ServiceCheck("COMPOSE_NEW_PRIVILEGES", "The service cannot gain privileges (no-new-privileges) and keeps the engine's profiles", keeps_privileges),
    ServiceCheck("COMPOSE_READ_ONLY", "The service has a read-only root file system", lambda service: service.get("read_only") is True),
    ServiceCheck("COMPOSE_ENGINE", "The service has no socket of a container engine, nor a folder of the host that holds one", without_engine),
    ServiceCheck("COMPOSE_LOCAL_PORTS", "The service publishes ports on the loopback address only", local_ports),
    ServiceCheck("COMPOSE_PINNED", "The image is built here or pinned by its digest", pinned),
    ServiceCheck("COMPOSE_DOCKERFILE", "The image is built from a Dockerfile, which other gates examine", built_from_file),
    ServiceCheck("COMPOSE_WHOLE", "The service is written here whole (no extends)", lambda service: "extends" not in service),
    ServiceCheck("COMPOSE_LIMITS", "The service has limits of memory and processes", limited),
]
