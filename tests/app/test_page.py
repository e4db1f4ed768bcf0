from agent.app.page import page_fault
from agent.clock import Moment
from agent.health.faults import Fault
from agent.i18n import Text
from agent.values import Severity


def test_a_fault_on_the_page_names_its_cameras() -> None:
    at = Moment(0, 0, True, "boot")
    sources = ("capture-gate", "capture-yard-sub", "capture-yard", "mqtt")
    fault = Fault("camera_silent", Severity.ALERT, at, sources, Text("No picture", "Mất hình"), Text("Look", "Xem"))
    told = page_fault(fault)
    assert told.text == Text("No picture (camera gate, yard)", "Mất hình (camera gate, yard)")
    assert told.hint == Text("Look", "Xem") and told.code == "camera_silent"
