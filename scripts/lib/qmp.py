# SPDX-License-Identifier: GPL-2.0-or-later
"""A small QMP client: commands, their answers, and the events between."""

import json
import os
import socket
import time


class QMPError(Exception):
    pass


class QMP:
    def __init__(self, sock, timeout=30.0):
        """Speak on a socket whose other end QEMU was given."""
        self.events = []
        self.buffer = b''
        self.sock = sock
        if self._message(timeout) is None:
            raise QMPError('QEMU does not answer')
        self.command('qmp_capabilities')

    def _message(self, timeout):
        """One message, or None when the time is over."""
        end = time.monotonic() + timeout
        while b'\n' not in self.buffer:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.sock.settimeout(left)
            try:
                data = self.sock.recv(65536)
            except socket.timeout:
                return None
            except OSError as err:
                raise QMPError(f'QEMU closed its monitor: {err}')
            if not data:
                raise QMPError('QEMU closed its monitor')
            self.buffer += data
        line, self.buffer = self.buffer.split(b'\n', 1)
        return json.loads(line)

    def command(self, name, timeout=60.0, **arguments):
        message = {'execute': name}
        if arguments:
            message['arguments'] = {k.replace('_', '-'): v
                                    for k, v in arguments.items()}
        self.sock.sendall(json.dumps(message).encode() + b'\n')
        end = time.monotonic() + timeout
        while True:
            answer = self._message(max(0.0, end - time.monotonic()))
            if answer is None:
                raise QMPError(f'QEMU does not answer {name}')
            if 'event' in answer:
                self.events.append(answer)
            elif 'error' in answer:
                raise QMPError(f"{name}: {answer['error']['desc']}")
            else:
                return answer.get('return')

    def event(self, names, timeout):
        """The next event with one of these names, or None in time."""
        end = time.monotonic() + timeout
        while True:
            for i, event in enumerate(self.events):
                if event['event'] in names:
                    return self.events.pop(i)
            message = self._message(max(0.0, end - time.monotonic()))
            if message is None:
                return None
            if 'event' in message:
                self.events.append(message)

    def _migration(self):
        self.command('migrate-set-capabilities', capabilities=[
            {'capability': 'mapped-ram', 'state': True},
            {'capability': 'events', 'state': True}])
        # Announcing a guest on a network uses timers of the host's clock.
        self.command('migrate-set-parameters', announce_rounds=0)

    def _settle(self, timeout):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            event = self.event(['MIGRATION'], end - time.monotonic())
            if event is None:
                break
            status = event['data']['status']
            if status == 'completed':
                return
            if status in ('failed', 'cancelled'):
                info = self.command('query-migrate') or {}
                raise QMPError('snapshot: ' + info.get('error-desc', status))
        raise QMPError('snapshot: not finished in time')

    def save(self, path, timeout=120.0):
        """Write the stopped machine to a file, whole or not at all."""
        self._migration()
        self.command('migrate', uri='file:' + path + '.new')
        self._settle(timeout)
        os.rename(path + '.new', path)

    def restore(self, path, timeout=120.0):
        """Fill a QEMU that was started with -incoming defer."""
        self._migration()
        self.command('migrate-incoming', uri='file:' + path)
        self._settle(timeout)
