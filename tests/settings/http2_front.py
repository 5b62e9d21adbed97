# SPDX-License-Identifier: GPL-2.0-or-later
"""Graph as Meta serves it: HTTP/2 in front of the simulator, which speaks HTTP/1.1.

Each request goes on to the simulator by a connection of its own and comes back by its
stream. The front can hold answers back, ask its clients to go elsewhere, and break off.
"""
import http.client
import socket
import ssl
import threading

import h2.config
import h2.connection
import h2.events
from hyperframe.frame import GoAwayFrame

from lab.process import wait_until
from lab.tls_stream import TlsStream

LARGEST = 16384  # octets in a frame, unless both agree on more


class Request:
    """What came by one stream. state: open, refused (a GOAWAY, or the end, came before it), served."""

    def __init__(self, stream, headers):
        self.stream, self.headers, self.body = stream, dict(headers), b""
        self.method, self.path = self.headers[":method"], self.headers[":path"]
        self.state = "open"


class Connection:
    """One client's connection: a thread reads it, one more serves each stream."""

    def __init__(self, front, sock):
        self.front, self.tls, self.requests = front, TlsStream(sock), {}
        self.lock, self.closed, self.last = threading.Lock(), False, None
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))

    def run(self):
        try:
            with self.lock:
                self.h2.initiate_connection()
                self._flush()
            for chunk in self.tls.chunks():
                with self.lock:
                    events = self.h2.receive_data(chunk)
                    for event in events:
                        self._on(event)
                    self._flush()
        except (OSError, ValueError):
            pass  # the client, or break_off(), has closed it
        self.closed = True

    def _on(self, event):
        if isinstance(event, h2.events.RequestReceived):
            self.requests[event.stream_id] = Request(event.stream_id, event.headers)
        elif isinstance(event, h2.events.DataReceived):
            self.requests[event.stream_id].body += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            threading.Thread(target=self._serve, args=(self.requests[event.stream_id],), daemon=True).start()

    def _flush(self):
        data = self.h2.data_to_send()
        if data:
            self.tls.send(data)

    def _serve(self, request):
        self.front.gate.wait(30)
        with self.lock:
            if self.closed or self.last is not None and request.stream > self.last:
                request.state = "refused"
                return
        status, headers, body = self.front.ask(request)
        if self.front.breaks_on(request):
            self.break_off()
        try:
            with self.lock:
                if self.closed:
                    return
                self.h2.send_headers(request.stream, [(":status", str(status)), *headers])
                for at in range(0, len(body), LARGEST):
                    self.h2.send_data(request.stream, body[at:at + LARGEST])
                self.h2.end_stream(request.stream)
                request.state = "served"
                self._flush()
        except OSError:
            pass  # broken off meanwhile

    def open(self):
        """Requests without an answer."""
        with self.lock:
            return [r for r in self.requests.values() if r.state == "open"]

    def go_away(self, last):
        """No new stream here; those above `last` are not served, as Meta's servers do when they are renewed."""
        with self.lock:
            self.last = last
            self.tls.send(GoAwayFrame(0, last_stream_id=last, error_code=0).serialize())

    def break_off(self):
        with self.lock:
            self.closed = True
            for request in self.requests.values():
                if request.state == "open":
                    request.state = "refused"
        self.tls.close()


class Http2Front:
    """Listens beside the simulator's Graph of a lab."""

    def __init__(self, lab):
        host, port = lab.addresses.graph
        self.address, self.behind = (host, port + 10), (host, port)
        self.connections, self.gate = [], threading.Event()
        self.break_after = None  # a method: the simulator hears of the next such request, the client not of its answer
        self.gate.set()
        self.client = ssl.create_default_context(cafile=lab.certs.ca)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(lab.certs.dir / "graph.crt", lab.certs.dir / "graph.key")
        self.server.set_alpn_protocols(["h2"])
        self.sock = socket.create_server(self.address)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                plain, _ = self.sock.accept()
            except OSError:
                return
            try:
                sock = self.server.wrap_socket(plain, server_side=True)
            except OSError:
                plain.close()
                continue
            assert sock.selected_alpn_protocol() == "h2"
            connection = Connection(self, sock)
            self.connections.append(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def ask(self, request):
        """The simulator's answer: status, headers, body."""
        connection = http.client.HTTPSConnection(*self.behind, timeout=30, context=self.client)
        headers = {k: v for k, v in request.headers.items() if not k.startswith(":")}
        connection.request(request.method, request.path, request.body or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, [(k.lower(), v) for k, v in answer.getheaders()
                               if k.lower() not in ("connection", "transfer-encoding", "keep-alive")], body

    def breaks_on(self, request):
        if self.break_after != request.method:
            return False
        self.break_after = None
        return True

    def hold(self):
        self.gate.clear()

    def wait_held(self, n):
        """Until n requests of one connection wait for their answers; returns that connection."""
        def found():
            return next((c for c in self.connections if not c.closed and len(c.open()) >= n), None)
        return wait_until(found, 20, f"{n} requests are under way in one connection")

    def release(self):
        self.gate.set()

    def stop(self):
        self.gate.set()
        self.sock.shutdown(socket.SHUT_RDWR)  # wakes accept(), which would keep the port
        self.sock.close()
        for connection in self.connections:
            connection.break_off()
