"""User names with their passwords, read from the files that the configuration names."""

from agent.config.model import MqttSection, UploadSection
from agent.config.secrets import read_secret
from agent.uplink.login import Login


def read_login(section: MqttSection | UploadSection) -> Login | None:
    """None without a user name. Raises ConfigError when the password file cannot be used."""
    if section.username is None:
        return None
    password = read_secret(section.password_file).reveal() if section.password_file else ""
    return Login(section.username, password)
