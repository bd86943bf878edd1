from django.urls import path

from carteira.groups.screens import card, group, panel, rule

app_name = "groups"
urlpatterns = [
    path("", panel.show_groups, name="list"),
    path("new/", panel.new_group, name="new"),
    path("preview/", rule.preview, name="preview"),
    path("<uuid:id>/", group.show_group, name="group"),
    path("<uuid:id>/name/", group.rename, name="rename"),
    path("<uuid:id>/rule/", rule.edit_rule, name="rule"),
    path("<uuid:id>/change/", group.change, name="change"),
    path("<uuid:id>/delete/", group.delete, name="delete"),
    path("<uuid:id>/restore/", group.restore, name="restore"),
    path("<uuid:id>/snapshot/", group.take_snapshot, name="snapshot"),
    path("customers/<uuid:id>/", card.put, name="put"),
]
