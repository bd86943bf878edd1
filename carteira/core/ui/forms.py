"""Lets {{ form }} and {{ field.as_field_group }} render through the kit's templates."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Set as FORM_RENDERER; needs "django.forms" among the installed apps for Django's own widgets."""

    form_template_name = "core/ui/form.html"
    field_template_name = "core/ui/field.html"
