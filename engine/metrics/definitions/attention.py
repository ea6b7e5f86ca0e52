"""What every number about attention maps means: one record each, for the definition one click away."""

from __future__ import annotations

from engine.metrics.definitions.definition import Definition

_RISE, _ROAD, _FGAI = "Petsiuk et al. 2018, RISE", "Rong et al. 2022, ROAD", "Hu et al. 2024, FGAI"

ATTENTION_DEFINITIONS = (
    Definition(
        "pointing_game",
        "Pointing game",
        "How often a map's highest point lies on the part it is asked for, where that part is large enough; read it "
        "beside a wrong value's map, the image's middle and a random point.",
        "mean over images of [argmax of the map ∈ mask], mask > 2 % of the image; controls: the map of another value "
        "of the attribute, [middle of the image ∈ mask], the mask's share of the image (a random point)",
        True,
        (0, 1),
        "Zhang et al. 2018, Top-down Neural Attention",
    ),
    Definition(
        "mask_iou",
        "Overlap with the part",
        "Overlap of the part's patches with as many of the map's highest patches; the part's are as many as its share "
        "of the image, those with most of it.",
        "|top n(map) ∩ top n(mask)| / |top n(map) ∪ top n(mask)|, n = max(1, round(P · share of the mask))",
        True,
        (0, 1),
        "standard (intersection over union); the number of patches: Plumage",
    ),
    Definition(
        "deletion",
        "Deletion",
        "Mean score while the patches that a map calls important are painted over with the image's mean colour, the "
        "most important first; a good map makes it fall fast.",
        "∫ score(image without its top share s) ds, s from 0 to 1",
        False,
        (-1, 1),
        _RISE,
    ),
    Definition(
        "insertion",
        "Insertion",
        "Mean score while the patches that a map calls important appear on a blurred image, the most important first; "
        "a good map makes it rise fast.",
        "∫ score(blurred image with its top share s) ds, s from 0 to 1",
        True,
        (-1, 1),
        _RISE,
    ),
    Definition(
        "road",
        "ROAD",
        "How much more is lost when the most important patches are filled in from their surroundings, leaving no "
        "edges, than when the least important are.",
        "mean over shares s of score(without the least important s) − score(without the most important s)",
        True,
        (-2, 2),
        _ROAD,
    ),
    Definition(
        "stability_prediction",
        "Prediction under noise",
        "How similar the class probabilities stay when noise (standard deviation 4 of 255) is put on the image; 1 is "
        "the same.",
        "1 − ½ Σ over c of |p(c) with noise − p(c)|, mean over draws",
        True,
        (0, 1),
        _FGAI,
    ),
    Definition(
        "stability_overlap",
        "Map under noise",
        "Share of a map's top 20 % of patches that are still among its top 20 % when noise (standard deviation 4 of "
        "255) is put on the image.",
        "|top(map with noise) ∩ top(map)| / |top(map)|, mean over draws",
        True,
        (0, 1),
        _FGAI,
    ),
)
