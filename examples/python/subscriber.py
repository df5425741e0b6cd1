#!/usr/bin/python3
"""Prints what begins to sound, goes on and ends.

Event messages come at least once: the one that was on its way when a connection broke may come twice. Whoever counts them leaves out what
has the same id, type and last frame as a message before; whoever only keeps the state of each id need not care.

usage: subscriber.py [HOST [PORT [PREFIX]]]
"""
import json
import sys

import paho.mqtt.client as mqtt


class Events:
    """Takes event messages; calls tell(camera, type, state) once for each."""

    def __init__(self, tell):
        self.tell = tell
        self.seen = set()
        self.sounding = {}  # id -> state: what sounds now

    def take(self, payload):
        message = json.loads(payload)
        state = message["after"]
        key = (state["id"], message["type"], state["seq"][1])
        if key in self.seen:
            return
        self.seen.add(key)
        if message["type"] == "end":
            self.sounding.pop(state["id"], None)
        else:
            self.sounding[state["id"]] = state
        self.tell(message["camera"], message["type"], state)


def show(camera, kind, state):
    box = " ".join(f"{value:.2f}" for value in state["box"])
    print(f"{camera} {kind:6} {state['id']} {state['label'] or '-'} score {state['score']:.2f} box {box}", flush=True)


def main():
    host, port, prefix = (sys.argv[1:] + ["127.0.0.1", "1883", "realtimessl"][len(sys.argv) - 1:])[:3]
    events = Events(show)
    # paho 2 asks which callbacks are meant; 1.x does not know the question.
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1) if hasattr(mqtt, "CallbackAPIVersion") else mqtt.Client()
    client.on_connect = lambda c, *_: c.subscribe(f"{prefix}/+/events", qos=1)
    client.on_message = lambda c, _, message: events.take(message.payload)
    client.connect(host, int(port))
    client.loop_forever()  # connects again by itself


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, BrokenPipeError):
        pass
    except OSError as error:
        sys.exit(f"no broker: {error}")
