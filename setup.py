"""Packaging of the camera agent. Tool settings are in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

setup(
    name="camera-agent",
    version="0.1.0",
    description="Edge agent for ward camera nodes: local capture, footage, ONNX detection, MQTT events",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10",
    # The pages of the fault codes are kept once, in docs; in the wheel they lie inside of the package.
    packages=[*find_packages(include=["agent", "agent.*"]), "agent.fault_pages"],
    package_dir={"agent.fault_pages": "docs/guide/faults"},
    package_data={
        "agent.fault_pages": ["*.md"],
        "agent": ["py.typed", "installer/static/*", "installer/static/setup/*", "installer/static/household/*"],
    },
    install_requires=[
        # PyAV's API differs by major version (19 has no `metadata_errors`, which damaged footage needs); 18 has a wheel
        # that fits every Python from 3.11 on.
        "av>=17.1,<18; python_version < '3.11'",
        "av>=18.1,<19; python_version >= '3.11'",
        "aiohttp>=3.14,<4",
        # Enrolment and renewal only, in a process of their own: a running node never loads it.
        "cryptography>=46",
        "httpx>=0.28,<1",
        "numpy>=2.2,<3",
        "onnxruntime>=1.23,<2",
        "opencv-python-headless>=5.0,<6",
        "paho-mqtt>=2.1,<3",
        "psutil>=7,<8",
        "pynacl>=1.6,<2",
        "pydantic>=2.11,<3",
        "python-ulid>=3,<5",
        "pyyaml>=6,<7",
        "rfc8785>=0.1.4,<0.2",
        "tzdata",
    ],
    extras_require={
        # Turning the model into ONNX happens once, on the installer's machine.
        "assets": ["onnx>=1.19,<2"],
        # Labels and the sign that deploy/flash/make-card prints, on the desk of who makes cards.
        "cards": ["fpdf2>=2.8,<3", "segno>=1.6,<2"],
        # Plots of the documents.
        "bench": ["matplotlib>=3.10,<4"],
        # Commands mutated by coverage: `make fuzz`.
        "fuzz": ["atheris>=3,<4"],
        # MOTA and IDF1 of `camera-agent eval`.
        "eval": ["motmetrics>=1.4,<2"],
        # The reference consumer of deploy/ward/consumer, on a machine of the ward.
        "ward": ["psycopg[binary]>=3.2,<4"],
        "dev": [
            "fpdf2>=2.8,<3",
            "hypothesis>=6",
            "jsonschema>=4.20",
            "motmetrics>=1.4,<2",
            "mypy>=2,<3",
            "playwright>=1.60",
            "prometheus-client>=0.22",
            "psycopg[binary]>=3.2,<4",
            "pytest>=9,<10",
            "pytest-rerunfailures>=16,<17",
            "pytest-timeout>=2.4",
            "pytest-xdist>=3.8,<4",
            "ruff>=0.17,<0.18",
            "segno>=1.6,<2",
            "types-PyYAML",
            "types-jsonschema",
            "types-psutil",
        ],
    },
    entry_points={"console_scripts": ["camera-agent=agent.cli:main"]},
    classifiers=["Programming Language :: Python :: 3", "Operating System :: POSIX :: Linux"],
)
