"""How the forms call settings, rules, choices, classes and days, in both languages."""

from agent.i18n import Text

TITLES = {
    "label": Text(en="Name of the camera", vi="Tên camera"),
    "transcode": Text(
        en="Encode the picture anew (needed for privacy masks)", vi="Mã hoá lại hình (cần khi có vùng che)"
    ),
    "zone": Text(en="Zone", vi="Vùng"),
    "line": Text(en="Line", vi="Vạch"),
    "direction": Text(en="Direction", vi="Chiều"),
    "classes": Text(en="What counts", vi="Đối tượng"),
    "count": Text(en="How many", vi="Số lượng"),
    "after": Text(en="For how long", vi="Trong bao lâu"),
    "stood": Text(en="Had stood for", vi="Đã đứng yên ít nhất"),
    "speed": Text(en="Slower than", vi="Chậm hơn"),
    "schedule": Text(en="When", vi="Khung giờ"),
    "severity": Text(en="How serious", vi="Mức độ"),
    "clip": Text(en="Send the footage", vi="Gửi kèm video"),
    "id": Text(en="Name of the rule", vi="Tên luật"),
    "cooldown": Text(en="Quiet after an event", vi="Im lặng sau mỗi sự kiện"),
    "min_age": Text(en="Seen for at least", vi="Theo dõi ít nhất"),
    "min_travel": Text(en="Moved at least", vi="Đã di chuyển ít nhất"),
    "min_score": Text(en="Sure of it at least", vi="Độ chắc chắn ít nhất"),
    "tolerance": Text(en="Degrees off", vi="Độ lệch góc"),
    "lengths": Text(en="How far, in own lengths", vi="Quãng đường, theo chiều dài xe"),
    "gathering": Text(en="People who gather", vi="Số người tụ lại"),
}
UNITS = {
    "count": Text(en="at once", vi="cùng lúc"),
    "speed": Text(en="lengths/s", vi="thân xe/giây"),
    "min_travel": Text(en="picture heights", vi="chiều cao khung hình"),
    "tolerance": Text(en="°", vi="°"),
    "lengths": Text(en="lengths", vi="thân xe"),
    "gathering": Text(en="people", vi="người"),
}
RULE_TITLES = {
    "intrusion": Text(en="Somebody in a forbidden zone", vi="Xâm nhập vùng cấm"),
    "line_crossing": Text(en="Crossing a line", vi="Đi qua vạch"),
    "loitering": Text(en="Staying too long", vi="Nán lại lâu"),
    "crowd": Text(en="A crowd", vi="Tụ tập đông người"),
    "parking": Text(en="Parking too long", vi="Đỗ xe lâu"),
    "encroachment": Text(en="Taking up the street", vi="Lấn chiếm lòng đường, vỉa hè"),
    "dumping": Text(en="Leaving rubbish", vi="Đổ rác, bỏ đồ"),
    "object_removed": Text(en="Something taken away", vi="Đồ vật, xe bị lấy đi"),
    "wrong_way": Text(en="Driving the wrong way", vi="Đi ngược chiều"),
    "congestion": Text(en="A traffic jam", vi="Ùn tắc"),
    "collision": Text(en="Perhaps a collision (experimental)", vi="Nghi va chạm giao thông (thử nghiệm)"),
    "fight": Text(en="Perhaps a fight (experimental)", vi="Nghi xô xát (thử nghiệm)"),
    "tamper": Text(en="The camera is covered or turned", vi="Camera bị che hoặc bị xoay"),
}
CHOICES = {
    "info": Text(en="note", vi="thông tin"),
    "warning": Text(en="warning", vi="cảnh báo"),
    "alert": Text(en="alarm", vi="báo động"),
    "both": Text(en="both ways", vi="cả hai chiều"),
    "in": Text(en="in (left to right)", vi="vào (từ trái sang phải)"),
    "out": Text(en="out (right to left)", vi="ra (từ phải sang trái)"),
}
# In the order in which they are offered; others of COCO can be written into the file.
CLASSES = {
    "person": Text(en="person", vi="người"),
    "bicycle": Text(en="bicycle", vi="xe đạp"),
    "motorcycle": Text(en="motorcycle", vi="xe máy"),
    "car": Text(en="car", vi="ô tô"),
    "truck": Text(en="truck", vi="xe tải"),
    "bus": Text(en="bus", vi="xe buýt"),
    "train": Text(en="train", vi="tàu hoả"),
    "boat": Text(en="boat", vi="thuyền"),
    "dog": Text(en="dog", vi="chó"),
    "cat": Text(en="cat", vi="mèo"),
    "cow": Text(en="cow", vi="trâu, bò"),
    "horse": Text(en="horse", vi="ngựa"),
    "bench": Text(en="bench", vi="ghế băng"),
    "backpack": Text(en="backpack", vi="ba lô"),
    "umbrella": Text(en="umbrella", vi="ô, dù"),
    "handbag": Text(en="handbag", vi="túi xách"),
    "suitcase": Text(en="suitcase", vi="va li"),
    "chair": Text(en="chair", vi="ghế"),
    "couch": Text(en="couch", vi="ghế dài"),
    "potted plant": Text(en="potted plant", vi="chậu cây"),
    "dining table": Text(en="table", vi="bàn"),
    "bottle": Text(en="bottle", vi="chai lọ"),
    "refrigerator": Text(en="refrigerator", vi="tủ lạnh"),
    "tv": Text(en="screen", vi="màn hình"),
}
DAYS = {
    "mon": Text(en="Mon", vi="T2"),
    "tue": Text(en="Tue", vi="T3"),
    "wed": Text(en="Wed", vi="T4"),
    "thu": Text(en="Thu", vi="T5"),
    "fri": Text(en="Fri", vi="T6"),
    "sat": Text(en="Sat", vi="T7"),
    "sun": Text(en="Sun", vi="CN"),
}
