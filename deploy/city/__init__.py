"""A clustered broker on one machine, as a city's would be: three RabbitMQ nodes with their MQTT plugin."""

from deploy.city.cluster import Cluster
from deploy.city.rabbit import RabbitMQ, find_rabbitmq, unpack_rabbitmq

__all__ = ["Cluster", "RabbitMQ", "find_rabbitmq", "unpack_rabbitmq"]
