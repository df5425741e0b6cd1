#!/usr/bin/env python3
"""Frame messages as ROS 2 vision_msgs/Detection2DArray.

usage: bridge.py --ros-args -p host:=127.0.0.1 -p port:=1883 -p prefix:=realtimessl -p camera:=cam0

Publishes on ~/detections. The header has the time of capture, not of arrival; boxes are in pixels of the frame, centre and size; the id is stable
while its source lives. Each detection's hypothesis is the label ("sound" where the method tells none) with the score.
"""
import json
from datetime import datetime, timezone


def to_detections(frame):
    """A frame message (a dict) in the shape of Detection2DArray, as plain dicts: what there is to say without ROS."""
    width, height = frame["resolution"]["width"], frame["resolution"]["height"]
    captured = datetime.strptime(frame["captured_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    since = captured - datetime(1970, 1, 1, tzinfo=timezone.utc)
    header = {"stamp": {"sec": since.days * 86400 + since.seconds, "nanosec": since.microseconds * 1000}, "frame_id": frame["camera"]}
    detections = []
    for source in frame["sources"]:
        x1, y1, x2, y2 = source["box"]
        detections.append({
            "header": header,
            "id": str(source["id"]),
            "bbox": {
                "center": {"position": {"x": (x1 + x2) / 2 * width, "y": (y1 + y2) / 2 * height}, "theta": 0.0},
                "size_x": (x2 - x1) * width,
                "size_y": (y2 - y1) * height,
            },
            "results": [{"hypothesis": {"class_id": source["label"] or "sound", "score": source["score"]}}],
        })
    return {"header": header, "detections": detections}


def main():
    import paho.mqtt.client as mqtt
    import rclpy
    from rosidl_runtime_py import set_message_fields
    from vision_msgs.msg import Detection2DArray

    rclpy.init()
    node = rclpy.create_node("realtimessl")
    options = {name: node.declare_parameter(name, value).value
               for name, value in {"host": "127.0.0.1", "port": 1883, "prefix": "realtimessl", "camera": "cam0"}.items()}
    publisher = node.create_publisher(Detection2DArray, "~/detections", 10)

    def take(client, _, message):
        detections = Detection2DArray()
        set_message_fields(detections, to_detections(json.loads(message.payload)))
        publisher.publish(detections)

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION1) if hasattr(mqtt, "CallbackAPIVersion") else mqtt.Client()
    client.on_connect = lambda c, *_: c.subscribe(f"{options['prefix']}/{options['camera']}/frame")
    client.on_message = take
    client.connect(options["host"], options["port"])
    client.loop_start()
    rclpy.spin(node)


if __name__ == "__main__":
    main()
