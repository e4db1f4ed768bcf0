"""The object names that the shipped models know: COCO's 80 classes, in the order of the models' outputs."""

_NAMES = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, handbag,
tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard,
tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot,
hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote,
keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear,
hair drier, toothbrush
"""
COCO: tuple[str, ...] = tuple(name.strip() for name in _NAMES.replace("\n", " ").split(","))
FROM_MODEL = "from-model"  # as `detection.labels`: those in the model's own metadata
MOTION = "motion"  # what moves where no model looks: not a class of COCO, and not for the configuration
PERSON = ("person",)
VEHICLES = ("bicycle", "car", "motorcycle", "bus", "truck")
CRAFT = ("airplane", "train", "boat")  # vehicles too, but none of the street
ANIMALS = ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
# What shops and stalls put onto a pavement, as far as COCO has a name for it.
STREET_GOODS = ("bench", "chair", "couch", "dining table", "potted plant", "umbrella", "suitcase", "refrigerator")
# What people call them, in both languages.
ALSO_CALLED = {
    "people": "person",
    "human": "person",
    "pedestrian": "person",
    "man": "person",
    "motorbike": "motorcycle",
    "scooter": "motorcycle",
    "bike": "bicycle",
    "vehicle": "car",
    "lorry": "truck",
    "người": "person",
    "xe máy": "motorcycle",
    "xe đạp": "bicycle",
    "ô tô": "car",
    "xe hơi": "car",
    "xe tải": "truck",
    "xe buýt": "bus",
    "chó": "dog",
    "mèo": "cat",
}
