#!/usr/bin/python3
"""A run with a broker (TLS, password) that is killed and started again under it: what a listener gets, against what the run wrote down itself.

usage: broker.py [SECONDS [KILLS]]          needs mosquitto, openssl and python3-paho-mqtt; the program must be built

Prints how long after the broker's return we are there again, and whether every event message of events.jsonl came, once, in order.
"""
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import paho.mqtt.client as mqtt

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECONDS, KILLS = int((sys.argv + ["60"])[1]), int((sys.argv + ["", "3"])[2])
work = tempfile.mkdtemp(prefix="broker-")
port = socket.socket()
port.bind(("127.0.0.1", 0))
PORT = port.getsockname()[1]
port.close()


def path(name):
    return os.path.join(work, name)


def make_broker():
    run = lambda *command: subprocess.run(command, check=True, capture_output=True, cwd=work)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    open(path("ext"), "w").write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", "server.pem")
    run("mosquitto_passwd", "-b", "-c", "passwords", "camera", "secret")
    open(path("conf"), "w").write(f"""user root
persistence true
persistence_location {work}/
autosave_on_changes true
autosave_interval 1
log_dest file {work}/log
set_tcp_nodelay true
listener {PORT} 127.0.0.1
cafile {work}/ca.pem
certfile {work}/server.pem
keyfile {work}/server.key
password_file {work}/passwords
allow_anonymous false
""")


def start_broker():
    broker = subprocess.Popen(["/usr/sbin/mosquitto", "-c", path("conf")], stderr=subprocess.DEVNULL)
    while True:
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
            return broker
        except OSError:
            time.sleep(0.005)


events, availability, kept = [], [], {}
lock = threading.Lock()


def take(client, _, message):
    with lock:
        if message.topic.endswith("/events"):
            body = json.loads(message.payload)
            events.append((body["after"]["id"], body["type"], body["after"]["seq"][1]))
        elif message.topic.endswith("/available"):
            availability.append((time.monotonic(), message.payload.decode(), bool(message.retain)))
        else:
            kept.setdefault(message.topic, []).append(time.monotonic())


make_broker()
broker = start_broker()
listener = mqtt.Client(client_id="listener", clean_session=False)
listener.tls_set(path("ca.pem"), cert_reqs=ssl.CERT_REQUIRED)
listener.username_pw_set("camera", "secret")
listener.reconnect_delay_set(1, 1)
listener.on_connect = lambda c, *_: c.subscribe([("realtimessl/available", 1), ("realtimessl/+/events", 1), ("realtimessl/+/+/state", 1), ("homeassistant/#", 1)])
listener.on_message = take
listener.connect("localhost", PORT)
listener.loop_start()
time.sleep(1)
environment = dict(os.environ, REALTIMESSL_MQTT_USER="camera", REALTIMESSL_MQTT_PASSWORD="secret")
program = os.environ.get("REALTIMESSL", os.path.join(ROOT, "realtimessl")).split()
run = subprocess.Popen(
    [*program, "run", "--source", "synthetic", "--realtime", "--seconds", str(SECONDS), "--no-web", "--no-video", "--out", path("run"), "--mqtt", f"mqtts://localhost:{PORT}",
     f"mqtt.authority={path('ca.pem')}", f"mqtt.folder={path('state')}"],
    cwd=ROOT, env=environment, stderr=open(path("stderr"), "w"), stdout=subprocess.DEVNULL)
while not availability and run.poll() is None:
    time.sleep(0.05)
began, returns = time.monotonic(), []
for kill in range(KILLS):
    time.sleep(max(0.0, began + (kill + 0.5 + random.uniform(-0.2, 0.2)) * SECONDS / KILLS - 2 - time.monotonic()))
    broker.send_signal(signal.SIGKILL)
    broker.wait()
    time.sleep(random.uniform(1, 4))
    said = os.path.getsize(path("log"))
    broker = start_broker()
    back = time.monotonic()
    while time.monotonic() - back < 10:
        with open(path("log")) as log:
            log.seek(said)
            if "as realtimessl-" in log.read():
                break
        time.sleep(0.005)
    returns.append((back, time.monotonic() - back))
code = run.wait(timeout=SECONDS * 4 + 60)
time.sleep(3)
listener.loop_stop()
broker.kill()
broker.wait()

written = []
for line in open(os.path.join(path("run"), "events.jsonl")):
    body = json.loads(line)
    written.append((body["after"]["id"], body["type"], body["after"]["seq"][1]))
connects = [line for line in open(path("log")) if "New client connected" in line and "realtimessl-" in line]
print(f"run ended with code {code}; broker killed {KILLS} times; connected {len(connects)} times")
print(f"events written {len(written)}, received {len(events)}, missing {len(set(written) - set(events))}, unknown {len(set(events) - set(written))}, "
      f"doubled {len(events) - len(set(events))}, in order {[e for e in dict.fromkeys(events)] == [e for e in written if e in set(events)]}")
for back, found in returns:
    heard = [t - back for t, word, _ in availability if word == "online" and t > back]
    again = [topic for topic, times in kept.items() if any(0 < t - back < 5 for t in times)]
    print(f"found again {found:.2f} s after the broker's return, heard online after {min(heard) if heard else float('nan'):.2f} s (the listener looks once a second); "
          f"{len(again)} of {len(kept)} states and discovery again")
print("availability:", " ".join(word for _, word, _ in availability))
print(open(path("stderr")).read())
shutil.rmtree(work)
