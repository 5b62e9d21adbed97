# SPDX-License-Identifier: GPL-2.0-or-later
"""Stands between a node and Redis, and lets a test do what networks do."""
import socket
import threading
import time

from lab.addresses import hostport


class Relay:
    """delay: seconds that every answer waits. lose_answer_of: when this word passes,
    its answer is not passed on and the connection ends; once. instead: what every
    command is answered with, in place of what Redis says. silent: nothing passes."""

    def __init__(self, place, address, target):
        self.address, self.target = address, target
        self.url = f"redis://{hostport(address)}/0"
        self.delay, self.lose_answer_of, self.instead, self.silent = 0, None, None, False
        self.lost = 0
        self.sockets = []
        self.server = socket.create_server(address)
        place.add(self)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.server.accept()
                redis = socket.create_connection(self.target, 2)
            except OSError:
                return
            redis.settimeout(None)
            self.sockets += [client, redis]
            losing = threading.Event()
            for run in (self._commands, self._answers):
                threading.Thread(target=run, args=(client, redis, losing), daemon=True).start()

    def _commands(self, client, redis, losing):
        try:
            while data := client.recv(1 << 16):
                if self.instead and not self.silent:
                    client.sendall(self.instead * data.count(b"*"))
                    continue
                if self.lose_answer_of and self.lose_answer_of in data:
                    self.lose_answer_of = None
                    losing.set()
                if not self.silent:
                    redis.sendall(data)
        except OSError:
            pass
        _end(client, redis)

    def _answers(self, client, redis, losing):
        try:
            while data := redis.recv(1 << 16):
                if losing.is_set():  # Redis has done it
                    self.lost += 1
                    break
                time.sleep(self.delay)
                if not self.silent:
                    client.sendall(data)
        except OSError:
            pass
        _end(client, redis)

    def cut(self):
        """Ends all connections."""
        _end(*self.sockets)

    def stop(self):
        # a closed socket still accepts in the thread that waits: wake it up
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.cut()


def _end(*sockets):
    for sock in sockets:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
