// SPDX-License-Identifier: GPL-3.0-or-later
// A Flamenco 3 job type: the frames of a bundle in chunks, on as many workers as there are, then the film.
// Explained in docs/farms.md. Workers need GANReact's engine and no Blender.

const JOB_TYPE = {
    label: "GANReact",
    description: "Render a GANReact bundle in chunks, then encode the film with its sound",
    settings: [
        { key: "bundle", type: "string", subtype: "dir_path", required: true,
          description: "The bundle's folder, on storage that every worker sees" },
        { key: "first_frame", type: "int32", required: true, default: 1, eval: "C.scene.frame_start",
          description: "The first frame to render" },
        { key: "last_frame", type: "int32", required: true, default: 1, eval: "C.scene.frame_end",
          description: "The last frame to render; what the bundle does not hold is refused" },
        { key: "chunk_size", type: "int32", default: 48, propargs: { min: 1 }, visible: "submission",
          description: "Frames for one task. Starting costs some seconds, so not too few" },
        { key: "audio", type: "string", subtype: "file_path", required: false,
          description: "The sound of the film; without it there are only frames" },
        { key: "film", type: "string", subtype: "file_path", required: false, description: "The film to make, FILM.mp4" },
        { key: "device", type: "string", choices: ["auto", "cpu", "cuda", "mps"], default: "auto", visible: "submission",
          description: "What the frames are computed on" },
        { key: "ganreact", type: "string", default: "{ganreact}", visible: "hidden",
          description: "The command on the workers: a variable of the manager, or a path" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    if (settings.last_frame < settings.first_frame || settings.chunk_size < 1) {
        throw `There are no frames from ${settings.first_frame} to ${settings.last_frame} in chunks of ${settings.chunk_size}`;
    }
    if (!settings.audio !== !settings.film) {
        throw "A film needs both its sound and a name; leave both empty for frames alone";
    }
    const chunks = chunkTasks(settings);
    chunks.forEach((task) => job.addTask(task));
    if (settings.film) {
        const film = author.Task("film", "ffmpeg");
        film.addCommand(ganreact(settings, ["bundle", "film", settings.bundle, "--audio", settings.audio, "--out", settings.film], 1));
        chunks.forEach((task) => film.addDependency(task));
        job.addTask(film);
    }
}

// A chunk that was rendered before, or by another worker meanwhile, ends at once: frames are checked, not trusted.
function chunkTasks(settings) {
    const tasks = [];
    for (let first = settings.first_frame; first <= settings.last_frame; first += settings.chunk_size) {
        const last = Math.min(first + settings.chunk_size - 1, settings.last_frame);
        const task = author.Task(`frames-${first}-${last}`, "misc");
        task.addCommand(ganreact(settings, ["bundle", "run", settings.bundle, "--frames", `${first}-${last}`,
                                            "--device", settings.device], 1));
        tasks.push(task);
    }
    return tasks;
}

function ganreact(settings, args, steps) {
    return author.Command("exec", { exe: settings.ganreact, args: args }, steps);
}
