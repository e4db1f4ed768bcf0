"""axe-core (MPL-2.0) from npm by its lock file, kept in the cache; tests run it in the page, nothing is shipped."""

from pathlib import Path

from deploy.npm import install_packages

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json")


def axe_script(cache: Path) -> Path:
    """The file to load into a page. Raises WardError."""
    return install_packages("browser-tests", HERE, FILES, cache) / "node_modules/axe-core/axe.min.js"
